-- Counts of the minutes [from, to) before `until`, minutes since the epoch, and of those that expired from the ledger:
-- all that is judged by, but for sources.
SELECT toInt8(service) AS service, intDiv(toUInt32(minute), 60) AS at, * EXCEPT (service, minute, version, probes_ok, probes_failed, request_sources, message_sources)
FROM minutes FINAL
WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    AND (minute < toDateTime({until:Int64} * 60, 'UTC') OR toYYYYMM(minute) IN (SELECT month FROM expirations WHERE dropped))
ORDER BY service, minute
