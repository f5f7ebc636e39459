-- Of each request the record that counts: its greatest by the order of I2, which depends on content alone: higher
-- revision, in scope, outcome in doubt against us, greater hash of the record. `records` counts the distinct records
-- behind it; `conflict` is I3; `unsourced`: one of them carries no source (B3).
CREATE OR REPLACE VIEW effective_requests AS
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
    argMax(route, precedence) AS route,
    argMax(status, precedence) AS status,
    argMax(error, precedence) AS error,
    argMax(tuple(duration_ms), precedence).1 AS duration_ms,
    argMax(minute_ms, precedence) AS minute_ms,
    argMax(request_id, precedence) AS request_id,
    argMax(hash, precedence) AS content,
    argMax((partition, offset), (precedence, toUInt64(18446744073709551615 - offset))) AS read_at,
    uniqExact(hash) AS records,
    uniqExact(facts) > uniqExact(revision) AS conflict,
    max(source = '') AS unsourced
FROM
(
    SELECT
        *,
        content AS hash,
        (revision, status, error, stage, plan) AS facts,
        stage = 'ga' AND plan = 'paid' AS in_scope,
        multiIf(outcome = 'ok', 0, outcome = 'platform', 3, outcome = 'unknown', 2, 1) AS doubt,
        bitShiftLeft(toUInt128(revision) * 8 + in_scope * 4 + doubt, 64) + content AS precedence
    FROM ledger_requests
)
GROUP BY service, minute, identity
