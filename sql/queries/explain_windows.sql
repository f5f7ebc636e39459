-- Declarations that touch service-minutes, a row a minute and declaration, and what became of each there.
-- `minutes` are seconds since the epoch, all of them within [first, last].
SELECT
    at_s,
    w.declaration_id AS declaration_id,
    w.revision AS revision,
    w.kind AS kind,
    toUnixTimestamp64Milli(w.start) AS start_ms,
    toUnixTimestamp64Milli(w.end) AS end_ms,
    d.stands.1 AS announced_ms,
    d.stands.2 AS known_ms,
    d.stands.3 AS evidence,
    d.stands.4 AS content,
    d.stands.5 AS partition,
    d.stands.6 AS offset,
    multiIf(
        w.void_reason != '', w.void_reason,
        at_s < w.from_ OR at_s >= w.to_, 'covers_part_of_the_minute',
        at_s >= w.excuses_to, 'emergency_budget_spent',
        'covers') AS effect
FROM
(
    SELECT *, arrayJoin({minutes:Array(UInt32)}) AS at_s
    FROM windows(month = {month:String}, policy = {policy:String})
    WHERE has(services, {service:String})
) AS w
INNER JOIN
(
    SELECT
        declaration_id,
        argMax(
            (toUnixTimestamp64Milli(announced_at), toUnixTimestamp64Milli(recorded_at), evidence, content, partition, offset),
            (revision, content)) AS stands
    FROM declarations FINAL
    GROUP BY declaration_id
) AS d ON d.declaration_id = w.declaration_id
WHERE start_ms < (toInt64(at_s) + 60) * 1000 AND end_ms > toInt64(at_s) * 1000
ORDER BY at_s, w.kind_order, declaration_id
