-- Service-minutes that stand for more records than the ledger holds of them, by the service's number and the minute's
-- second: the ledger only grows (I2), so records were lost from it on ClickHouse's side. `from` and `to`: only minutes of
-- this span; what expired was let go on purpose.
SELECT toInt8(counted.service) AS service, toUInt32(counted.minute) AS minute
FROM
(
    SELECT service, minute, argMax(records, version) AS records
    FROM minutes
    WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        AND toYYYYMM(minute) NOT IN (SELECT month FROM expirations)
    GROUP BY service, minute
) AS counted
LEFT JOIN
(
    SELECT service, minute, sum(found) AS records
    FROM
    (
        SELECT service, minute, count() AS found
        FROM ledger_requests FINAL
        WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY service, minute
        UNION ALL
        SELECT service, minute, count() AS found
        FROM ledger_receipts FINAL
        WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY service, minute
        UNION ALL
        SELECT service, minute, count() AS found
        FROM ledger_probes FINAL
        WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        GROUP BY service, minute
    )
    GROUP BY service, minute
) AS held ON held.service = counted.service AND held.minute = counted.minute
WHERE counted.records > held.records
ORDER BY service, minute
