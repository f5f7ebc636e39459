"""Seeded, realistic traffic and the truth that was planted in it."""
