-- The distinct records of service-minutes as known before `as_of` (broker timestamp, ms), a row a minute and topic: how
-- many, the sum modulo 2^64 of their content hashes, and, of no more than `each`, every one with where it was read
-- first. The set decides, not how often or where a record was produced (I2). `minutes` are seconds since the epoch, all
-- of them within [first, last].
SELECT
    toUInt32(minute) AS at_s,
    topic,
    count() AS records,
    sum(content) AS digest,
    if(records <= {each:UInt32}, arraySort(groupArray((content, place.2, place.3))), []) AS listed
FROM
(
    SELECT 'api.requests' AS topic, minute, identity, content, min((recorded_at, partition, offset)) AS place
    FROM ledger_requests
    WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
        AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    GROUP BY minute, identity, content
    UNION ALL
    SELECT 'carrier.receipts' AS topic, minute, identity, content, min((recorded_at, partition, offset)) AS place
    FROM ledger_receipts
    WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
        AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    GROUP BY minute, identity, content
    UNION ALL
    SELECT 'probes' AS topic, minute, identity, content, min((recorded_at, partition, offset)) AS place
    FROM ledger_probes
    WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
        AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    GROUP BY minute, identity, content
)
WHERE toUInt32(minute) IN {minutes:Array(UInt32)}
GROUP BY at_s, topic
ORDER BY at_s, topic
