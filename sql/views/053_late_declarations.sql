-- Late windows that excuse all the same, and must be told for that (X1-X3), with the excluded minutes of all services
-- together.
CREATE OR REPLACE VIEW late_declarations AS
SELECT
    w.declaration_id AS declaration_id,
    w.revision AS revision,
    w.kind AS kind,
    if(w.unproven, 'notice_unproven', 'declared_afterwards') AS reason,
    x.minutes AS minutes
FROM windows(month = {month:String}, policy = {policy:String}) AS w
LEFT JOIN
(
    SELECT e.declaration_id AS declaration_id, count() AS minutes
    FROM excused_minutes(month = {month:String}, policy = {policy:String}) AS e
    INNER JOIN (SELECT service, minute, kind FROM verdicts(month = {month:String}, policy = {policy:String}) WHERE state = 'excluded') AS v
        ON v.service = e.service AND v.minute = e.minute AND v.kind = e.kind
    GROUP BY e.declaration_id
) AS x ON x.declaration_id = w.declaration_id
WHERE w.void_reason = '' AND (w.unproven OR w.declared_after)
