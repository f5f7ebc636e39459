-- Windows that do not excuse, or not in all their minutes, and must be told for that (X1-X4): void ones with the whole
-- minutes that they cover, emergency maintenance with those beyond the month's budget.
CREATE OR REPLACE VIEW void_declarations AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    frame.emergency_minutes AS budget
SELECT declaration_id, revision, kind, void_reason AS reason, toUInt64(intDiv(to_ - from_, 60)) AS minutes
FROM windows(month = {month:String}, policy = {policy:String})
WHERE void_reason != ''
UNION ALL
SELECT declaration_id, any(revision) AS revision, any(kind) AS kind, 'emergency_budget_spent' AS reason, count() AS minutes
FROM
(
    SELECT declaration_id, revision, kind, dense_rank() OVER (ORDER BY at) AS nth
    FROM
    (
        SELECT declaration_id, revision, kind, arrayJoin(range(toUInt32(from_), toUInt32(to_), 60)) AS at
        FROM windows(month = {month:String}, policy = {policy:String})
        WHERE kind = 'emergency_maintenance'
    )
)
WHERE nth > budget
GROUP BY declaration_id
