-- Declared windows that exclude, or would, in the month (X1-X4): one row a declaration with what became of it.
--   void_reason       '' if it excludes; else notice_too_short, no_evidence, notice_unproven
--   unproven          X1: it reached the broker later than 48 h before its start
--   declared_after    X2, X3: it reached the broker after its start
--   from_, to_        the whole minutes of the month that it covers (T2), [from_, to_)
--   excuses_to        where those that it may excuse end: of emergency maintenance the first of the month, counted over
--                     the union of all such windows of the platform (X2)
-- Minutes are never counted out one by one here: a window may cover the month, and so may many.
CREATE OR REPLACE VIEW windows AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    kind = 'scheduled_maintenance' AS is_maintenance,
    toUnixTimestamp64Milli(start) AS start_ms,
    toUnixTimestamp64Milli(`end`) AS end_ms
SELECT
    declaration_id, revision, kind, kind_order, third_party, services, start, `end`, from_, to_,
    if(kind = 'emergency_maintenance', greatest(from_, least(to_, budget_end)), to_) AS excuses_to,
    unproven, declared_after, void_reason
FROM
(
    SELECT *, maxIf(new_from + least(new_seconds, left), left > 0) OVER (PARTITION BY kind) AS budget_end
    FROM
    (
        -- what no window before it has covered, and what these have left of the budget
        SELECT *, toInt64(frame.emergency_minutes) * 60 - sum(new_seconds) OVER before AS left
        FROM
        (
            SELECT *, greatest(from_, max(to_) OVER before) AS new_from, greatest(to_ - new_from, 0) AS new_seconds
            FROM
            (
                SELECT
                    declaration_id,
                    revision,
                    kind,
                    indexOf([
                        'scheduled_maintenance', 'emergency_maintenance', 'operator_outage', 'internet_backbone', 'dns',
                        'force_majeure', 'ddos', 'regulatory_shutdown'], kind) AS kind_order,
                    kind_order BETWEEN 3 AND 5 AS third_party,
                    services,
                    start,
                    `end`,
                    greatest(intDiv(start_ms + 59999, 60000) * 60, toInt64(frame.month_start)) AS from_,
                    greatest(from_, least(intDiv(end_ms, 60000) * 60, toInt64(frame.month_end))) AS to_,
                    is_maintenance AND toUnixTimestamp64Milli(recorded_at) > start_ms - frame.maintenance_notice_ms AS unproven,
                    NOT is_maintenance AND toUnixTimestamp64Milli(recorded_at) > start_ms AS declared_after,
                    multiIf(
                        is_maintenance AND toUnixTimestamp64Milli(announced_at) > start_ms - frame.maintenance_notice_ms, 'notice_too_short',
                        is_maintenance AND unproven AND frame.unproven_notice = 'void', 'notice_unproven',
                        kind_order >= 3 AND evidence = '', 'no_evidence',
                        '') AS void_reason
                FROM current_declarations
                WHERE kind != 'telemetry_gap' AND start_ms < toInt64(frame.month_end) * 1000 AND end_ms > toInt64(frame.month_start) * 1000
            )
            WINDOW before AS (PARTITION BY kind ORDER BY from_, to_, declaration_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        )
        WINDOW before AS (PARTITION BY kind ORDER BY from_, to_, declaration_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    )
)
