-- Counts of the minutes [from, to) before `until`, minutes since the epoch, and of those that expired from the ledger,
-- as far as silences and holes look at them (B2, B3).
SELECT
    toInt8(service) AS service,
    intDiv(toUInt32(minute), 60) AS at,
    requests_heard, requests_collisions, messages_heard, messages_accepted, vantages_ok, vantages_failed
FROM minutes FINAL
WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
    AND (minute < toDateTime({until:Int64} * 60, 'UTC') OR toYYYYMM(minute) IN (SELECT month FROM expirations WHERE dropped))
ORDER BY service, minute
