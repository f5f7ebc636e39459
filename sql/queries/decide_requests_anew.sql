-- Outcome and reason of the requests of a month, by the same key as in requests_by_what_decides; other rows stay.
ALTER TABLE ledger_requests
UPDATE
    outcome = transform(
        concat(
            toString(status),
            '|',
            toString(multiIf(duration_us >= {within:UInt64}, 1, duration_us IS NOT NULL, 0, total_us >= {within:UInt64}, 3, 2)),
            '|',
            toString(arrayCount(edge -> edge <= toInt64(toUnixTimestamp(minute)) * 1000 + minute_ms, {edges:Array(Int64)})),
            '|',
            error
        ),
        {keys:Array(String)}, {outcomes:Array(String)}, toString(outcome)
    )
WHERE toYYYYMM(minute) = {month:UInt32}
