-- Receipts by all that decides their outcome (C3, C4), and how they were decided. `validity` is how many edges of the code
-- tables the time of their submission has passed.
SELECT
    toString(state) AS state_name,
    code_system,
    code,
    arrayCount(edge -> edge <= toInt64(toUnixTimestamp(minute)) * 1000 + submitted_ms, {edges:Array(Int64)}) AS validity,
    toInt8(outcome) AS outcome_number,
    reason,
    count() AS records
FROM ledger_receipts
GROUP BY state_name, code_system, code, validity, outcome_number, reason
