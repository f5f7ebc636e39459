-- Services and topics of which a source counted something in [from, to), minutes since the epoch, or a dead letter tells:
-- what may be missing though no record was heard (B2, B3). Service 0: not readable, so any.
SELECT DISTINCT toInt8(service) AS service, toString(topic) AS topic
FROM manifests
WHERE count > 0
    AND minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
UNION DISTINCT
SELECT DISTINCT
    toInt8(transform(toString(service), ['sms', 'voice', 'whatsapp', 'email'], [1, 2, 3, 4], 0)) AS service,
    toString(topic) AS topic
FROM dead_letters
WHERE topic IN ('api.requests', 'carrier.receipts')
    AND ifNull(minute, toStartOfMinute(toDateTime(recorded_at, 'UTC'))) >= toDateTime({from:Int64} * 60, 'UTC')
    AND ifNull(minute, toStartOfMinute(toDateTime(recorded_at, 'UTC'))) < toDateTime({to:Int64} * 60, 'UTC')
