-- Account records that the broker stamped later than they say they took effect, of which some of that time lies in
-- [from, to), milliseconds since the epoch (M4).
SELECT
    account_id,
    revision,
    toUnixTimestamp64Milli(effective_from) AS effective_ms,
    toUnixTimestamp64Milli(recorded_at) AS recorded_ms
FROM accounts FINAL
WHERE recorded_at > effective_from AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    AND toUnixTimestamp64Milli(effective_from) < {to:Int64} AND toUnixTimestamp64Milli(recorded_at) > {from:Int64}
ORDER BY account_id, effective_ms, revision, recorded_ms
