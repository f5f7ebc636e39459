-- Of each message or call the receipt that counts: its greatest by the order of I2: rank (2 delivered, 1 other ends,
-- 0 on the way); in rank 1 with a code before without; then the later time, in rank 2 the earlier; then the hash.
CREATE OR REPLACE VIEW effective_messages AS
SELECT
    service,
    minute,
    identity,
    argMax(in_scope, precedence) AS in_scope,
    argMax(outcome, precedence) AS outcome,
    argMax(reason, precedence) AS reason,
    argMax(account_id, precedence) AS account_id,
    argMax(plan, precedence) AS plan,
    argMax(region, precedence) AS region,
    argMax(operator, precedence) AS operator,
    argMax(state, precedence) AS state,
    argMax(code_system, precedence) AS code_system,
    argMax(code, precedence) AS code,
    argMax(tuple(template), precedence).1 AS template,
    argMax(submitted_ms, precedence) AS submitted_ms,
    argMax(time, precedence) AS time,
    argMax(resolution_ms, precedence) AS resolution_ms,
    argMax(tuple(connect_ms), precedence).1 AS connect_ms,
    argMax(tuple(duration_ms), precedence).1 AS duration_ms,
    argMax(tuple(hd_ms), precedence).1 AS hd_ms,
    argMax(message_id, precedence) AS message_id,
    argMax(hash, precedence) AS content,
    argMax((partition, offset), (precedence, toUInt64(18446744073709551615 - offset))) AS read_at,
    uniqExact(hash) AS records,
    uniqExactIf(ending, coded) > uniqExactIf(time_ms, coded) AS conflict,
    max(source = '') AS unsourced
FROM
(
    SELECT
        *,
        content AS hash,
        stage = 'ga' AND plan = 'paid' AS in_scope,
        multiIf(state = 'delivered', 2, state IN ('accepted', 'enroute'), 0, 1) AS rank,
        rank = 1 AND code != '' AS coded,
        toUInt64(toUnixTimestamp64Milli(time)) AS time_ms,
        (time_ms, code_system, code) AS ending,
        toUInt64(if(rank = 2, 72057594037927935 - time_ms, time_ms)) AS time_order,
        bitShiftLeft(bitShiftLeft(toUInt128(rank * 2 + coded), 56) + time_order, 64) + content AS precedence
    FROM ledger_receipts
)
GROUP BY service, minute, identity
