-- Late windows that excuse all the same, and must be told for that (X1-X3), with the excluded minutes of all services
-- together.
CREATE OR REPLACE VIEW late_declarations AS
WITH
    late AS
    (
        SELECT declaration_id, revision, kind, services, unproven, from_, excuses_to
        FROM windows(month = {month:String}, policy = {policy:String})
        WHERE void_reason = '' AND (unproven OR declared_after)
    )
SELECT
    w.declaration_id AS declaration_id,
    w.revision AS revision,
    w.kind AS kind,
    if(w.unproven, 'notice_unproven', 'declared_afterwards') AS reason,
    toUInt64(x.minutes) AS minutes
FROM late AS w
LEFT JOIN
(
    -- the excluded minutes of a kind before a window's end, less those before its begin
    SELECT declaration_id, sum(sign * excluded_before) AS minutes
    FROM
    (
        SELECT
            declaration_id,
            sign,
            sum(excluded) OVER (PARTITION BY service, kind ORDER BY at, excluded ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS excluded_before
        FROM
        (
            SELECT toString(service) AS service, kind, toInt64(toUInt32(minute)) AS at, 1 AS excluded, 0 AS sign, '' AS declaration_id
            FROM verdicts(month = {month:String}, policy = {policy:String})
            WHERE state = 'excluded'
            UNION ALL
            SELECT arrayJoin(services) AS service, kind, edge.1 AS at, 0 AS excluded, edge.2 AS sign, declaration_id
            FROM (SELECT services, kind, declaration_id, arrayJoin([(from_, -1), (excuses_to, 1)]) AS edge FROM late)
        )
    )
    WHERE sign != 0
    GROUP BY declaration_id
) AS x ON x.declaration_id = w.declaration_id
