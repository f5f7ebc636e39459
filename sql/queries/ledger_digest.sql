-- The digest of a month as known at a cut: how many distinct records it holds, and the sum modulo 2^64 of their content
-- hashes. It depends on the set alone (I2): replays, duplicates and order change nothing, a record more or less does.
-- A distinct record is known from its earliest row on, so it counts as soon as one row is known before the cut.
-- `from` and `to` are the month's first minute and the first after it; `as_of` is the cut.
SELECT count() AS records, sum(content) AS digest
FROM
(
    SELECT DISTINCT service, minute, identity, content
    FROM ledger_requests
    WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND recorded_at < {as_of:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT DISTINCT service, minute, identity, content
    FROM ledger_receipts
    WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND recorded_at < {as_of:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT DISTINCT service, minute, identity, content
    FROM ledger_probes
    WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND recorded_at < {as_of:DateTime64(3, 'UTC')}
)
