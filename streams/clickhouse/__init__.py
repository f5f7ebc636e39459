"""The way to ClickHouse: client, session with its errors, retrying store, migrations."""
