-- Of each probe the record that counts: higher revision, failed before succeeded, greater hash (I2).
CREATE OR REPLACE VIEW effective_probes AS
SELECT
    service,
    minute,
    identity,
    argMax(ok, precedence) AS ok,
    argMax(vantage, precedence) AS vantage,
    argMax(probe_id, precedence) AS probe_id,
    argMax(hash, precedence) AS content,
    argMax((partition, offset), (precedence, toUInt64(18446744073709551615 - offset))) AS read_at,
    uniqExact(hash) AS records,
    uniqExact(facts) > uniqExact(revision) AS conflict
FROM
(
    SELECT
        *,
        content AS hash,
        (revision, ok, status) AS facts,
        bitShiftLeft(toUInt128(revision) * 2 + NOT ok, 64) + content AS precedence
    FROM ledger_probes
)
GROUP BY service, minute, identity
