-- Silences (B2): maximal runs of minutes of a service without a request, a message or a manifest, long enough that
-- traffic was to be expected, and no longer than a day. One row a silence that reaches into the month.
CREATE OR REPLACE VIEW silences AS
WITH
    (
        SELECT tuple(silence_expected, silence_minutes_before, silence_max_minutes, zone)
        FROM policies FINAL WHERE policy_id = {policy:String}
    ) AS p,
    p.1 AS expected,
    p.2 AS minutes_before,
    p.3 AS max_minutes,
    (SELECT tuple(toUInt32(start), toUInt32(`end`)) FROM calendar FINAL WHERE zone = p.4 AND month = {month:String}) AS m,
    (SELECT intDiv(toUInt32(min(frontier)), 60) * 60 FROM topic_frontiers) AS frontier_at,
    m.1 - (minutes_before + max_minutes + 1) * 60 AS seen_from,
    m.2 + (max_minutes + 1) * 60 AS seen_to,
    active AS
    (
        SELECT service, at, sum(sum(valid)) OVER (PARTITION BY service ORDER BY at) AS valid_so_far
        FROM
        (
            SELECT service, toUInt32(minute) AS at, requests_valid + messages_valid AS valid
            FROM counted_minutes(policy = {policy:String})
            WHERE minute >= toDateTime(seen_from, 'UTC') AND minute < toDateTime(seen_to, 'UTC') AND identities > 0
            UNION ALL
            SELECT DISTINCT service, toUInt32(minute) AS at, 0 AS valid
            FROM manifests
            WHERE minute >= toDateTime(seen_from, 'UTC') AND minute < toDateTime(seen_to, 'UTC')
        )
        GROUP BY service, at
    ),
    runs AS
    (
        SELECT
            service,
            at + 60 AS begins,
            begins - minutes_before * 60 AS counted_from,
            valid_so_far,
            leadInFrame(at, 1, 0) OVER (PARTITION BY service ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_active,
            least(if(next_active = 0, seen_to, next_active), frontier_at) AS seen_end,
            intDiv(toInt64(seen_end) - toInt64(begins), 60) AS minutes_seen,
            if(next_active = 0, minutes_seen, intDiv(toInt64(next_active) - toInt64(begins), 60)) AS minutes_long
        FROM active
    )
SELECT
    r.service AS service,
    toDateTime(r.begins, 'UTC') AS start,
    toDateTime(r.seen_end, 'UTC') AS `end`,
    r.valid_so_far - a.valid_so_far AS valid_before
FROM runs AS r
ASOF LEFT JOIN active AS a ON a.service = r.service AND a.at < r.counted_from
WHERE r.minutes_seen >= 1
    AND r.minutes_long <= max_minutes
    AND valid_before * r.minutes_seen >= expected * minutes_before
    AND r.begins < m.2
    AND r.seen_end > m.1
