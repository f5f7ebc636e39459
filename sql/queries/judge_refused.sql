-- Declarations that were refused as dead letters in [from, to), milliseconds since the epoch, by the broker's timestamp of
-- the earliest copy, with their ids as far as these can be read (X4).
SELECT record_id AS declaration_id, toUnixTimestamp64Milli(recorded_at) AS recorded_at_ms
FROM dead_letters FINAL
WHERE topic = 'sla.declarations'
    AND toUnixTimestamp64Milli(recorded_at) >= {from:Int64} AND toUnixTimestamp64Milli(recorded_at) < {to:Int64}
    AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
ORDER BY declaration_id, recorded_at_ms
