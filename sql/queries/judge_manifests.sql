-- Manifests of the minutes [from, to), minutes since the epoch, as they are: also of lower revisions, and read twice (B3).
SELECT
    topic = 'carrier.receipts' AS of_receipts,
    source,
    toInt8(service) AS service,
    intDiv(toUInt32(minute), 60) AS at,
    revision,
    count,
    final,
    toUnixTimestamp64Milli(recorded_at) AS recorded_ms
FROM manifests
WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
