-- Requests by all that decides their outcome (C2, C4), and how they were decided. `answered` is in time, too late,
-- unmeasured, or unmeasured and long; `validity` how many edges of the code tables their time has passed.
SELECT
    status,
    error,
    multiIf(duration_us >= {within:UInt64}, 1, duration_us IS NOT NULL, 0, total_us >= {within:UInt64}, 3, 2) AS answered,
    arrayCount(edge -> edge <= toInt64(toUnixTimestamp(minute)) * 1000 + minute_ms, {edges:Array(Int64)}) AS validity,
    toInt8(outcome) AS outcome_number,
    reason,
    count() AS records
FROM ledger_requests
GROUP BY status, error, answered, validity, outcome_number, reason
