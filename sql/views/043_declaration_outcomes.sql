-- What became of every declaration in each judged month: a row a declaration, revision and reason, with its minutes (X4).
CREATE OR REPLACE VIEW declaration_outcomes
(
    `month` String COMMENT 'YYYY-MM, in the zone of the policy (T3)',
    `policy` String,
    `declaration_id` String,
    `revision` UInt16,
    `kind` String COMMENT 'empty: it was refused',
    `reason` String COMMENT 'why it is listed (X4)',
    `minutes` UInt32,
    `judged_at` DateTime64(3, 'UTC') COMMENT 'when a worker judged the month',
    `is_current` Bool COMMENT 'no worker has found the inputs of the month changed since'
)
AS SELECT
    month,
    policy,
    listed.1 AS declaration_id,
    listed.2 AS revision,
    listed.3 AS kind,
    listed.4 AS reason,
    listed.5 AS minutes,
    judged_at,
    CAST((policy, month, fingerprint) IN (SELECT policy, month, fingerprint FROM judgement_looks FINAL), 'Bool') AS is_current
FROM judgements FINAL
ARRAY JOIN JSONExtract(document, 'listed_declarations', 'Array(Tuple(declaration_id String, revision UInt16, kind String, reason String, minutes UInt32))') AS listed
WHERE service = 'platform'
