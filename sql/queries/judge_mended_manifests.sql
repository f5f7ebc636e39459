-- How many distinct manifests of the minutes [from, to), minutes since the epoch, were mended in a field (B3).
SELECT
    toInt8(service) AS service,
    intDiv(toUInt32(minute), 60) AS at,
    arrayJoin(splitByChar(',', toString(mended))) AS field,
    uniqExact(topic, source, content) AS records
FROM manifests
WHERE mended != '' AND minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
GROUP BY service, at, field
ORDER BY service, at, field
