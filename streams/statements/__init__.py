"""Closed months: one statement each, whoever closes it, amended by number and never changed; and their rebuilding."""
