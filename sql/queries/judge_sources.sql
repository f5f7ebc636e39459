-- The sources that records of the minutes [from, to) before `until` name, minutes since the epoch, and of those that
-- expired from the ledger: of each source how many identities have a record that carries it (B3).
SELECT toInt8(service) AS service, intDiv(toUInt32(minute), 60) AS at, request_sources, message_sources
FROM minutes FINAL
WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    AND (minute < toDateTime({until:Int64} * 60, 'UTC') OR toYYYYMM(minute) IN (SELECT month FROM expirations WHERE dropped))
ORDER BY service, minute
