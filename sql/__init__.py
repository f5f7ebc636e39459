"""Migrations, views and queries, as files; this package only makes them findable."""
