-- Silences (B2): maximal runs of minutes of a service without a request, a message or a manifest, long enough that
-- traffic was to be expected, and no longer than a day. One row a silence that reaches into the month.
CREATE OR REPLACE VIEW silences AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    (SELECT tuple(toUnixTimestamp64Milli(min(frontier)), toUnixTimestamp64Milli(maxIf(frontier, topic = 'carrier.receipts'))) FROM topic_frontiers) AS seen_ms,
    frame.silence_minutes_before AS minutes_before,
    frame.silence_max_minutes AS max_minutes,
    intDiv(seen_ms.1, 60000) * 60 AS frontier_at,
    frame.month_start - (minutes_before + max_minutes + 1) * 60 AS seen_from,
    frame.month_end + (max_minutes + 1) * 60 AS seen_to,
    active AS
    (
        SELECT
            service,
            at,
            sum(valid) AS valid,
            leadInFrame(at, 1, 0) OVER (PARTITION BY service ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_active
        FROM
        (
            SELECT service, toInt64(toUInt32(minute)) AS at, requests_valid + messages_valid AS valid
            FROM counted_minutes(policy = {policy:String})
            WHERE minute >= toDateTime(seen_from, 'UTC') AND minute < toDateTime(seen_to, 'UTC') AND identities > 0
            UNION ALL
            SELECT DISTINCT service, toInt64(toUInt32(minute)) AS at, 0 AS valid
            FROM manifests
            WHERE minute >= toDateTime(seen_from, 'UTC') AND minute < toDateTime(seen_to, 'UTC')
        )
        GROUP BY service, at
    ),
    -- before a run of idle minutes two sums stand in the same order as the traffic: to its begin, and to so many minutes
    -- before that; what is between them was valid in those minutes
    sums AS
    (
        SELECT
            service,
            at,
            next_active,
            arrayJoin(if(next_active = at + 60, [(at, 1, valid)], [(at + 60 - minutes_before * 60, -1, 0), (at, 1, valid)])) AS told,
            told.2 * sum(told.3) OVER (PARTITION BY service ORDER BY told.1, told.2 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS valid_to
        FROM active
    )
SELECT
    service,
    toDateTime(begins, 'UTC') AS start,
    toDateTime(seen_end, 'UTC') AS `end`,
    valid_before
FROM
(
    SELECT
        service,
        at + 60 AS begins,
        sum(valid_to) AS valid_before,
        any(next_active) AS next_active_,
        least(if(next_active_ = 0, toInt64(seen_to), next_active_), frontier_at) AS seen_end,
        intDiv(seen_end - begins, 60) AS minutes_seen,
        if(next_active_ = 0, minutes_seen, intDiv(next_active_ - begins, 60)) AS minutes_long
    FROM sums
    WHERE next_active != at + 60
    GROUP BY service, at
)
WHERE minutes_seen >= 1
    AND minutes_long <= max_minutes
    AND valid_before * minutes_seen >= frame.silence_expected * minutes_before
    AND begins < frame.month_end
    AND seen_end > frame.month_start
