-- Another outcome and reason for the requests of some cases, as request_cases has them.
ALTER TABLE ledger_requests
UPDATE outcome = {outcome:String}, reason = {reason:String}
WHERE (
    status,
    error,
    multiIf(duration_us >= {within:UInt64}, 1, duration_us IS NOT NULL, 0, total_us >= {within:UInt64}, 3, 2),
    arrayCount(edge -> edge <= toInt64(toUnixTimestamp(minute)) * 1000 + minute_ms, {edges:Array(Int64)})
) IN {cases:Array(Tuple(UInt16, String, UInt8, UInt32))}
SETTINGS mutations_sync = 2
