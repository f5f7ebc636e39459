-- The earliest and the latest minute of [from, to) of which anything is counted or told, in minutes since the epoch (B2).
SELECT minIf(earliest, rows > 0) AS first, maxIf(latest, rows > 0) AS last
FROM
(
    SELECT intDiv(toUInt32(min(minute)), 60) AS earliest, intDiv(toUInt32(max(minute)), 60) AS latest, count() AS rows
    FROM minutes
    WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    UNION ALL
    SELECT intDiv(toUInt32(min(minute)), 60) AS earliest, intDiv(toUInt32(max(minute)), 60) AS latest, count() AS rows
    FROM manifests
    WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
)
