-- The distinct records of a service in [from, to), seconds since the epoch: a row a minute and topic with their number
-- and the sum modulo 2^64 of their content hashes (I2).
SELECT toUInt32(minute) AS at_s, topic, count() AS records, sum(content) AS digest
FROM
(
    SELECT DISTINCT 'api.requests' AS topic, minute, identity, content
    FROM ledger_requests
    WHERE service = {service:String} AND minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
    UNION ALL
    SELECT DISTINCT 'carrier.receipts' AS topic, minute, identity, content
    FROM ledger_receipts
    WHERE service = {service:String} AND minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
    UNION ALL
    SELECT DISTINCT 'probes' AS topic, minute, identity, content
    FROM ledger_probes
    WHERE service = {service:String} AND minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
)
GROUP BY at_s, topic
ORDER BY at_s, topic
