-- Offsets that nobody can read any more (B3); a hole is known once the first record after it is.
SELECT topic, toUnixTimestamp64Milli(from_at) AS last_read_ms, toUnixTimestamp64Milli(to_at) AS first_after_ms
FROM lost_spans
WHERE toUnixTimestamp64Milli(to_at) <= {as_of:Int64}
ORDER BY topic, last_read_ms, first_after_ms
