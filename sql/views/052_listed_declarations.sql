-- Declarations that a customer must be told of (X1-X4), with the minutes concerned: of windows that do not excuse, the
-- whole minutes covered; of those that excuse but came late, the excluded minutes of all services together.
CREATE OR REPLACE VIEW listed_declarations AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    covered AS
    (
        SELECT
            declaration_id, revision, kind, void_reason, unproven, declared_after,
            toUInt64(intDiv(to_ - from_, 60)) AS whole_minutes,
            kind = 'emergency_maintenance' AS is_emergency,
            range(toUInt32(from_), toUInt32(to_), 60) AS ats
        FROM windows(month = {month:String}, policy = {policy:String})
    ),
    lost_to_budget AS
    (
        SELECT declaration_id, count() AS minutes
        FROM
        (
            SELECT declaration_id, dense_rank() OVER (ORDER BY at) AS nth
            FROM (SELECT declaration_id, arrayJoin(ats) AS at FROM covered WHERE is_emergency)
        )
        WHERE nth > frame.emergency_minutes
        GROUP BY declaration_id
    ),
    excluded AS
    (
        SELECT e.declaration_id AS declaration_id, count() AS minutes
        FROM excused_minutes(month = {month:String}, policy = {policy:String}) AS e
        INNER JOIN (SELECT service, minute, kind FROM verdicts(month = {month:String}, policy = {policy:String}) WHERE state = 'excluded') AS v
            ON v.service = e.service AND v.minute = e.minute AND v.kind = e.kind
        GROUP BY e.declaration_id
    )
SELECT declaration_id, revision, kind, reason, minutes
FROM
(
    SELECT declaration_id, revision, kind, void_reason AS reason, whole_minutes AS minutes
    FROM covered
    WHERE void_reason != ''
    UNION ALL
    SELECT c.declaration_id, c.revision, c.kind, 'emergency_budget_spent' AS reason, l.minutes AS minutes
    FROM covered AS c
    INNER JOIN lost_to_budget AS l ON l.declaration_id = c.declaration_id
    UNION ALL
    SELECT c.declaration_id, c.revision, c.kind, if(c.unproven, 'notice_unproven', 'declared_afterwards') AS reason, x.minutes AS minutes
    FROM covered AS c
    LEFT JOIN excluded AS x ON x.declaration_id = c.declaration_id
    WHERE c.void_reason = '' AND (c.unproven OR c.declared_after)
)
ORDER BY declaration_id, reason
