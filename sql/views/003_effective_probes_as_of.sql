-- Of each probe of a vantage, as known before `as_of` (broker timestamp, ms), the record that counts: higher revision,
-- failed before succeeded, greater hash (I1, I2). `corrected`: one of a lower revision had failed (I4).
CREATE OR REPLACE VIEW effective_probes_as_of AS
SELECT
    service,
    minute,
    vantage,
    identity,
    argMax(succeeded, precedence) AS ok,
    argMax(probe_id, precedence) AS probe_id,
    argMax(hash, precedence) AS content,
    uniqExact(hash) AS records,
    uniqExact((revision, minute_ms, succeeded, status)) > uniqExact((revision, minute_ms)) AS conflict,
    -- Of one revision what failed counts, so what had failed and counts as ok is of a lower one.
    ok AND NOT min(succeeded) AS corrected,
    max(unnamed) AS unnamed,
    arrayFlatten(arrayMap(record -> splitByChar(',', record.2), groupUniqArrayIf((hash, mended), mended != ''))) AS mended
FROM
(
    SELECT
        *,
        ok AS succeeded,
        content AS hash,
        bitShiftLeft(toUInt128(revision) * 2 + NOT ok, 64) + content AS precedence
    FROM ledger_probes
    WHERE toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
)
GROUP BY service, minute, vantage, identity
