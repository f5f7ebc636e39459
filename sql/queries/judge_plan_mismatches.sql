-- Requests and messages of [from, to), minutes since the epoch, with a record whose plan contradicts what the account's own
-- record said then (C5): a label must not hide a failure. One row a service and pair of plans.
WITH
    history AS
    (
        SELECT account_id, effective_from, argMax(plan, (revision, content)) AS plan
        FROM accounts
        WHERE toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
        GROUP BY account_id, effective_from
    ),
    labelled AS
    (
        SELECT service, account_id, toDateTime64(minute, 3, 'UTC') AS at, toString(plan) AS label, 'r' AS of, identity
        FROM ledger_requests
        WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
            AND (plan != 'paid' OR account_id IN (SELECT account_id FROM accounts WHERE plan != 'paid'))
            AND account_id IN (SELECT account_id FROM accounts)
            AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
        UNION ALL
        SELECT service, account_id, toDateTime64(minute, 3, 'UTC') AS at, toString(plan) AS label, 'm' AS of, identity
        FROM ledger_receipts
        WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({to:Int64} * 60, 'UTC')
            AND (plan != 'paid' OR account_id IN (SELECT account_id FROM accounts WHERE plan != 'paid'))
            AND account_id IN (SELECT account_id FROM accounts)
            AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    )
SELECT toString(l.service) AS service, l.label AS label, h.plan AS plan, uniqExact(l.of, l.at, l.identity) AS records
FROM labelled AS l
ASOF INNER JOIN history AS h ON h.account_id = l.account_id AND h.effective_from <= l.at
WHERE l.label != h.plan
GROUP BY service, label, plan
ORDER BY service, label, plan
