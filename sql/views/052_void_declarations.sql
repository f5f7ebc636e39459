-- Windows that do not excuse, or not in all their minutes, and must be told for that (X1-X4): void ones with the whole
-- minutes that they cover, emergency maintenance with those beyond the month's budget.
CREATE OR REPLACE VIEW void_declarations AS
SELECT
    declaration_id,
    revision,
    kind,
    if(void_reason = '', 'emergency_budget_spent', void_reason) AS reason,
    toUInt64(intDiv(to_ - if(void_reason = '', excuses_to, from_), 60)) AS minutes
FROM windows(month = {month:String}, policy = {policy:String})
WHERE void_reason != '' OR excuses_to < to_
