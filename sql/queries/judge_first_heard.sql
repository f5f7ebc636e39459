-- The first minute before `first`, in minutes since the epoch, in which a valid record of a service was heard (B2), as
-- the ledger has it of what the broker stamped before `as_of`; of months that expired from it, as it was counted.
SELECT toInt8(of_service) AS service, min(intDiv(toUInt32(first_minute), 60)) AS at
FROM
(
    SELECT service AS of_service, min(minute) AS first_minute
    FROM ledger_requests
    WHERE minute < toDateTime({first:Int64} * 60, 'UTC') AND outcome IN ('ok', 'platform')
        AND stage = 'ga' AND plan = 'paid' AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    GROUP BY service
    UNION ALL
    SELECT service AS of_service, min(minute) AS first_minute
    FROM ledger_receipts
    WHERE minute < toDateTime({first:Int64} * 60, 'UTC') AND outcome IN ('ok', 'platform', 'accepted')
        AND stage = 'ga' AND plan = 'paid' AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    GROUP BY service
    UNION ALL
    SELECT service AS of_service, min(minute) AS first_minute
    FROM minutes
    WHERE minute < toDateTime({first:Int64} * 60, 'UTC')
        AND toYYYYMM(minute) IN (SELECT month FROM expirations WHERE dropped)
        AND requests_heard + messages_heard + messages_accepted + requests_collisions > 0
    GROUP BY service
)
GROUP BY of_service
