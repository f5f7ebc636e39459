-- Another outcome and reason for the receipts of some cases, as receipt_cases has them.
ALTER TABLE ledger_receipts
UPDATE outcome = {outcome:String}, reason = {reason:String}
WHERE (
    toString(state),
    code_system,
    code,
    arrayCount(edge -> edge <= toInt64(toUnixTimestamp(minute)) * 1000 + submitted_ms, {edges:Array(Int64)})
) IN {cases:Array(Tuple(String, String, String, UInt32))}
SETTINGS mutations_sync = 2
