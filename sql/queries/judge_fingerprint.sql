-- What a month is judged from, in a few numbers. Every one is of a set that only grows, or in which a row gives way to
-- one that says more; so equal numbers are equal sets. Instants are minutes since the epoch: counts of [first, stop),
-- manifests of [manifests_from, manifests_to), declarations that bear on [declared_from, end), the month itself from
-- `start`. The records of [counted_from, end) and how many there are of the rest tell which of two looks saw more.
-- Of minutes that is what was known before they were counted (`version`, without what versions begin at): that grows.
-- `days`, `days_minutes`, `days_sums`: what is counted by UTC day since the epoch; one whose numbers are as before is as
-- before.
SELECT
    counted.1 AS minutes,
    counted.2 AS minutes_sum,
    counted.3 AS records,
    counted.4 AS days,
    counted.5 AS days_minutes,
    counted.6 AS days_sums,
    told.1 AS manifests,
    told.2 AS manifests_sum,
    letters.1 AS dead_letters,
    letters.2 AS dead_letters_sum,
    declared.1 AS declarations,
    declared.2 AS declarations_sum,
    customers.1 AS accounts,
    customers.2 AS accounts_sum,
    expired
FROM
(
    SELECT
    (
        SELECT (sum(day_minutes), sum(day_sum), sum(day_records), groupArray(day), groupArray(day_minutes), groupArray(day_sum))
        FROM
        (
            SELECT
                intDiv(toUInt32(minute), 86400) AS day,
                count() AS day_minutes,
                sum(cityHash64(service, minute, version, records)) AS day_sum,
                sumIf(bitAnd(version, 1099511627775), minute >= toDateTime({counted_from:Int64} * 60, 'UTC') AND minute < toDateTime({end:Int64} * 60, 'UTC')) AS day_records
            FROM minutes FINAL
            WHERE minute >= toDateTime({first:Int64} * 60, 'UTC') AND minute < toDateTime({stop:Int64} * 60, 'UTC')
            GROUP BY day
        )
    ) AS counted,
    (
        SELECT (count(), sum(cityHash64(content, recorded_at)))
        FROM manifests FINAL
        WHERE minute >= toDateTime({manifests_from:Int64} * 60, 'UTC') AND minute < toDateTime({manifests_to:Int64} * 60, 'UTC')
    ) AS told,
    (
        SELECT (count(), sum(cityHash64(content, element, recorded_at)))
        FROM dead_letters FINAL
        WHERE topic IN ('api.requests', 'carrier.receipts', 'sla.declarations')
            AND ifNull(minute, toStartOfMinute(toDateTime(recorded_at, 'UTC'))) >= toDateTime({first:Int64} * 60, 'UTC')
            AND ifNull(minute, toStartOfMinute(toDateTime(recorded_at, 'UTC'))) < toDateTime({stop:Int64} * 60, 'UTC')
    ) AS letters,
    (
        SELECT (count(), sum(cityHash64(declaration_id, content, recorded_at)))
        FROM declarations FINAL
        WHERE declaration_id IN
        (
            SELECT declaration_id
            FROM declarations
            WHERE start < toDateTime({end:Int64} * 60, 'UTC') AND `end` > toDateTime({declared_from:Int64} * 60, 'UTC')
        )
    ) AS declared,
    (SELECT (count(), sum(cityHash64(account_id, content, recorded_at))) FROM accounts FINAL) AS customers,
    (SELECT uniqExact(month) FROM expirations WHERE dropped) AS expired
)
