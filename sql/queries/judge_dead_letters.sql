-- Requests and receipts of the minutes [from, to), minutes since the epoch, that cannot count: distinct by topic, bytes
-- and element, placed by what could be read of them, else where the broker stamped the earliest copy (B3). One whose
-- identity has a record in the ledger was mended and is none. Service 0: not readable, so it counts for every one.
WITH
    placed AS
    (
        SELECT
            topic,
            toInt8(transform(toString(service), ['sms', 'voice', 'whatsapp', 'email'], [1, 2, 3, 4], 0)) AS of_service,
            ifNull(minute, toStartOfMinute(toDateTime(recorded_at, 'UTC'))) AS of_minute,
            toString(source) AS of_source,
            identity AS of_identity
        FROM dead_letters FINAL
        WHERE topic IN ('api.requests', 'carrier.receipts')
            AND of_minute >= toDateTime({from:Int64} * 60, 'UTC') AND of_minute < toDateTime({to:Int64} * 60, 'UTC')
            AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    ),
    named AS (SELECT of_service, of_minute FROM placed WHERE of_identity IS NOT NULL),
    mended AS
    (
        SELECT DISTINCT 'api.requests' AS topic, toInt8(service) AS service, minute, identity
        FROM ledger_requests
        WHERE (toInt8(service), minute) IN named AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
            AND minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
        UNION ALL
        SELECT DISTINCT 'carrier.receipts' AS topic, toInt8(service) AS service, minute, identity
        FROM ledger_receipts
        WHERE (toInt8(service), minute) IN named AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
            AND minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    )
SELECT
    topic,
    of_source AS source,
    of_service AS service,
    intDiv(toUInt32(of_minute), 60) AS at,
    count() AS letters
FROM placed
WHERE of_identity IS NULL
    OR (toString(topic), of_service, of_minute, assumeNotNull(of_identity)) NOT IN (SELECT topic, service, minute, identity FROM mended)
GROUP BY topic, source, service, at
ORDER BY topic, source, service, at
