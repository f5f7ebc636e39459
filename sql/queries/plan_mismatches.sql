-- Requests and messages of the month whose `plan` contradicts the account's own record as effective then (C5): a
-- label must not hide a failure. One row a service and pair of plans.
WITH
    history AS
    (
        SELECT account_id, effective_from, argMax(plan, (revision, content)) AS plan
        FROM accounts
        GROUP BY account_id, effective_from
    ),
    labelled AS
    (
        SELECT service, account_id, toDateTime64(minute, 3, 'UTC') AS at, toString(plan) AS label, count() AS identities
        FROM effective_requests
        WHERE minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
            AND account_id IN (SELECT account_id FROM history)
        GROUP BY service, account_id, at, label
        UNION ALL
        SELECT service, account_id, toDateTime64(minute, 3, 'UTC') AS at, toString(plan) AS label, count() AS identities
        FROM effective_messages
        WHERE minute >= toDateTime({from:UInt32}, 'UTC') AND minute < toDateTime({to:UInt32}, 'UTC')
            AND account_id IN (SELECT account_id FROM history)
        GROUP BY service, account_id, at, label
    )
SELECT l.service AS service, l.label AS label, h.plan AS plan, sum(l.identities) AS plan_mismatch
FROM labelled AS l
ASOF INNER JOIN history AS h ON h.account_id = l.account_id AND h.effective_from <= l.at
WHERE l.label != h.plan
GROUP BY service, label, plan
ORDER BY service, label, plan
