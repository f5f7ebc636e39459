-- Messages of service-minutes that are open, or ended without ever having been accepted, as known before `as_of` (broker
-- timestamp, ms): at most a thousand a minute. `id` is empty where the ledger does not keep it, as of what was delivered.
-- `minutes` are seconds since the epoch, all of them within [first, last].
SELECT
    toUInt32(minute) AS at_s,
    identity,
    any(r.part) AS part,
    max(message_id) AS id,
    argMax(toString(r.state), (r.time, r.content)) AS state,
    max(r.state NOT IN ('accepted', 'enroute')) AS ended
FROM ledger_receipts AS r
WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
    AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    AND toUInt32(minute) IN {minutes:Array(UInt32)}
GROUP BY minute, identity
HAVING NOT ended OR countIf(r.state = 'accepted') = 0
ORDER BY at_s, identity
LIMIT 1000 BY at_s
