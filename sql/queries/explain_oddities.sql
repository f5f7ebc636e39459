-- What of the records of service-minutes is worth a look, as known before `as_of` (broker timestamp, ms), a row a minute
-- and code: distinct records by the code that they carry, `table` being `error` or a receipt's code system; those that
-- tell of an instant before the message was submitted (P2); and those more than five minutes ahead of the broker's clock.
-- `minutes` are seconds since the epoch, all of them within [first, last].
SELECT
    toUInt32(minute) AS at_s,
    system,
    code,
    max(at_ms) AS latest_ms,
    uniqExact(identity, content) AS records,
    uniqExactIf((identity, content), impossible) AS impossible_times,
    uniqExactIf((identity, content), ahead) AS ahead_of_clock
FROM
(
    SELECT
        minute, identity, content,
        'error' AS system,
        toString(error) AS code,
        toInt64(toUInt32(minute)) * 1000 + minute_ms AS at_ms,
        false AS impossible,
        at_ms > toUnixTimestamp64Milli(recorded_at) + 300000 AS ahead
    FROM ledger_requests
    WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
        AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    UNION ALL
    SELECT
        minute, identity, content,
        toString(code_system) AS system,
        if(state IN ('accepted', 'enroute', 'delivered'), '', toString(code)) AS code,
        toInt64(toUInt32(minute)) * 1000 + submitted_ms AS at_ms,
        toUnixTimestamp64Milli(time) < at_ms AS impossible,
        greatest(toUnixTimestamp64Milli(time), at_ms) > toUnixTimestamp64Milli(recorded_at) + 300000 AS ahead
    FROM ledger_receipts
    WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
        AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
)
WHERE toUInt32(minute) IN {minutes:Array(UInt32)} AND (code != '' OR impossible OR ahead)
GROUP BY at_s, system, code
ORDER BY at_s, system, code
