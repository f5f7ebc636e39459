-- Service-minutes that stand for fewer records than the ledger holds of them, or as the contract's first edition counted
-- them: by the service's number and the minute's second, with the version that counting them makes; and those that were
-- found so before and are not published yet. Every block's minutes are evaluated; what is left are records of which no
-- block tells: whoever stored them died before theirs was written, and the broker keeps them no more. `since`: only
-- minutes with a record known since then (broker timestamp, ms); `from` and `to`: only minutes of this span.
WITH
    recent AS
    (
        SELECT DISTINCT service, minute
        FROM
        (
            SELECT service, minute, recorded_at FROM ledger_requests
            UNION ALL
            SELECT service, minute, recorded_at FROM ledger_receipts
            UNION ALL
            SELECT service, minute, recorded_at FROM ledger_probes
        )
        WHERE recorded_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
            AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
            AND toYYYYMM(minute) NOT IN (SELECT month FROM expirations WHERE dropped)
    )
SELECT toInt8(held.service) AS service, toUInt32(held.minute) AS minute, held.version AS version
FROM
(
    SELECT service, minute, toUInt64(1099511627776) + count() AS version
    FROM
    (
        SELECT DISTINCT service, minute, identity, content FROM ledger_requests WHERE (service, minute) IN recent
        UNION ALL
        SELECT DISTINCT service, minute, identity, content FROM ledger_receipts WHERE (service, minute) IN recent
        UNION ALL
        SELECT DISTINCT service, minute, identity, content FROM ledger_probes WHERE (service, minute) IN recent
    )
    GROUP BY service, minute
) AS held
LEFT JOIN
(
    SELECT service, minute, max(version) AS version
    FROM minutes
    WHERE (service, minute) IN recent
    GROUP BY service, minute
) AS counted ON counted.service = held.service AND counted.minute = held.minute
WHERE held.version > counted.version
UNION DISTINCT
SELECT toInt8(service) AS service, toUInt32(minute) AS minute, version
FROM recounts FINAL
WHERE NOT published AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
