-- Declarations that a customer must be told of (X1-X4), with the minutes concerned.
CREATE OR REPLACE VIEW listed_declarations AS
SELECT declaration_id, revision, kind, reason, minutes
FROM
(
    SELECT declaration_id, revision, kind, reason, minutes
    FROM void_declarations(month = {month:String}, policy = {policy:String})
    UNION ALL
    SELECT declaration_id, revision, kind, reason, minutes
    FROM late_declarations(month = {month:String}, policy = {policy:String})
)
ORDER BY declaration_id, reason
