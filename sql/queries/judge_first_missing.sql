-- The first minute before `first`, in minutes since the epoch, in which a source counted more of a service than was seen
-- of it, or a dead letter tells of the service, 0 of any (B2, B3).
SELECT service, min(at) AS at
FROM
(
    SELECT toInt8(m.service) AS service, intDiv(toUInt32(m.minute), 60) AS at
    FROM
    (
        SELECT topic, source, service, minute, max(count) AS counted
        FROM manifests
        WHERE count > 0 AND minute < toDateTime({first:Int64} * 60, 'UTC')
            AND toInt8(service) IN {services:Array(Int8)} AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
        GROUP BY topic, source, service, minute
    ) AS m
    LEFT JOIN
    (
        SELECT service, minute, request_sources, message_sources
        FROM minutes FINAL
        WHERE minute < toDateTime({first:Int64} * 60, 'UTC') AND toInt8(service) IN {services:Array(Int8)}
    ) AS c ON c.service = m.service AND c.minute = m.minute
    WHERE m.counted > if(m.topic = 'api.requests', c.request_sources, c.message_sources)[m.source]
    UNION ALL
    SELECT
        toInt8(transform(toString(service), ['sms', 'voice', 'whatsapp', 'email'], [1, 2, 3, 4], 0)) AS service,
        intDiv(toUInt32(ifNull(minute, toStartOfMinute(toDateTime(recorded_at, 'UTC')))), 60) AS at
    FROM dead_letters FINAL
    WHERE topic IN ('api.requests', 'carrier.receipts') AND at < {first:Int64}
        AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
)
GROUP BY service
