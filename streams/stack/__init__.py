"""A real broker and a real ClickHouse engine on one machine, without installing anything."""
