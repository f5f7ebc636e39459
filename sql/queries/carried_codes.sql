-- The codes that records read since `since` (broker timestamp, ms) carry, a row a code: distinct records, and the latest
-- time of any. `system` is `error` of requests, else the code system of receipts; of a receipt that tells of no failure
-- the code decides nothing (C3).
SELECT 'error' AS system, toString(error) AS code, max(toInt64(toUInt32(minute)) * 1000 + minute_ms) AS latest_ms,
    uniqExact(service, minute, identity, content) AS records
FROM ledger_requests
WHERE error != '' AND recorded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
GROUP BY code
UNION ALL
SELECT toString(code_system) AS system, toString(code) AS code,
    max(toInt64(toUInt32(minute)) * 1000 + submitted_ms) AS latest_ms,
    uniqExact(service, minute, identity, content) AS records
FROM ledger_receipts
WHERE code != '' AND state NOT IN ('accepted', 'enroute', 'delivered')
    AND recorded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
GROUP BY system, code
ORDER BY system, records DESC, code
