-- The distinct records of a service in [from, to), seconds since the epoch, as known before `as_of` (broker timestamp,
-- ms): a row a minute and topic with their number and the sum modulo 2^64 of their content hashes (I2).
SELECT toUInt32(minute) AS at_s, topic, count() AS records, sum(content) AS digest
FROM
(
    SELECT DISTINCT 'api.requests' AS topic, minute, identity, content
    FROM ledger_requests
    WHERE service = {service:String} AND minute >= toDateTime({from:UInt32}, 'UTC')
        AND minute < toDateTime({to:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    UNION ALL
    SELECT DISTINCT 'carrier.receipts' AS topic, minute, identity, content
    FROM ledger_receipts
    WHERE service = {service:String} AND minute >= toDateTime({from:UInt32}, 'UTC')
        AND minute < toDateTime({to:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    UNION ALL
    SELECT DISTINCT 'probes' AS topic, minute, identity, content
    FROM ledger_probes
    WHERE service = {service:String} AND minute >= toDateTime({from:UInt32}, 'UTC')
        AND minute < toDateTime({to:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
)
GROUP BY at_s, topic
ORDER BY at_s, topic
