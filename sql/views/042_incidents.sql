-- Maximal runs of minutes that are down or blind, by service and of the platform, within each judged month (K1): one that
-- crosses its border is two rows.
CREATE OR REPLACE VIEW incidents
(
    `month` String COMMENT 'YYYY-MM, in the zone of the policy (T3)',
    `service` String COMMENT 'sms, voice, whatsapp, email; platform: all together (V5)',
    `policy` String,
    `starts_at` DateTime('UTC'),
    `ends_at` DateTime('UTC') COMMENT 'where its last minute ends',
    `minutes` UInt32,
    `judged_at` DateTime64(3, 'UTC') COMMENT 'when a worker judged the month',
    `is_current` Bool COMMENT 'no worker has found the inputs of the month changed since'
)
AS SELECT
    month,
    service,
    policy,
    incident.1 AS starts_at,
    incident.2 AS ends_at,
    intDiv(toUInt32(ends_at) - toUInt32(starts_at), 60) AS minutes,
    judged_at,
    CAST((policy, month, fingerprint) IN (SELECT policy, month, fingerprint FROM judgement_looks FINAL), 'Bool') AS is_current
FROM judgements FINAL
ARRAY JOIN incidents AS incident
