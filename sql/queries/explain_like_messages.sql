-- Messages of a service by their identities, wherever within four days of service-minutes they are, as known before
-- `as_of` (broker timestamp, ms). `first` and `last` are seconds since the epoch.
SELECT
    toUInt32(minute) AS at_s,
    identity,
    max(message_id) AS id,
    argMax(toString(r.state), (r.time, r.content)) AS state,
    max(r.state NOT IN ('accepted', 'enroute')) AS ended
FROM ledger_receipts AS r
WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC') - INTERVAL 4 DAY
    AND minute <= toDateTime({last:UInt32}, 'UTC') + INTERVAL 4 DAY AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    AND hex(identity) IN {identities:Array(String)}
GROUP BY minute, identity
ORDER BY at_s, identity
