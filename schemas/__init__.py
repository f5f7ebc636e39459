"""Records, code tables, policies and topics: what the system speaks of, as typed data."""
