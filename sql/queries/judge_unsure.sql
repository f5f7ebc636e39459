-- The first minute of [from, to), minutes since the epoch, of which the ledger holds a record that the broker stamped at
-- a cut or later: from there on stored counts are not those that were known.
SELECT count() AS records, min(intDiv(toUInt32(minute), 60)) AS at
FROM
(
    SELECT minute, recorded_at FROM ledger_requests
    UNION ALL
    SELECT minute, recorded_at FROM ledger_receipts
    UNION ALL
    SELECT minute, recorded_at FROM ledger_probes
)
WHERE toUnixTimestamp64Milli(recorded_at) >= {as_of:Int64}
    AND minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
