-- Every minute of every judged month, by service and of the platform: its state (V3), the kind of window that excludes it
-- (X4), whether it is bad at best, at worst, and if what is missing failed (B4), and the counts that decided it.
CREATE OR REPLACE VIEW verdicts
(
    `month` String COMMENT 'YYYY-MM, in the zone of the policy (T3)',
    `service` String COMMENT 'sms, voice, whatsapp, email; platform: all together, without counts (V5)',
    `policy` String COMMENT 'the version of the contract it was judged by',
    `minute` DateTime('UTC') COMMENT 'where it begins',
    `state` String COMMENT 'good, down, excluded, idle, blind or pending (V3)',
    `kind` String COMMENT 'of the window, where the minute is excluded; else empty (X4)',
    `bad_low` Bool COMMENT 'bad, if all that is unknown went well (B4)',
    `bad_lost` Bool COMMENT 'bad, if what is missing failed (B4)',
    `bad_high` Bool COMMENT 'bad, if all that is unknown failed (B4)',
    `requests_failed` UInt32 COMMENT 'F (V1)',
    `requests_valid` UInt32 COMMENT 'V (C6)',
    `requests_unknown` UInt32 COMMENT 'unknown, and claimed for which no window vouches (C7)',
    `requests_missing` UInt64 COMMENT 'with the estimate in holes (B3)',
    `messages_failed` UInt32 COMMENT 'F, with those never handed over (C3)',
    `messages_valid` UInt32 COMMENT 'V (C6)',
    `messages_unknown` UInt32 COMMENT 'unknown, claimed for which no window vouches, and enroute once waited for (C3, C7)',
    `messages_pending` UInt32 COMMENT 'whose final receipt is waited for (C3)',
    `messages_missing` UInt64 COMMENT 'with the estimate in holes (B3)',
    `judged_at` DateTime64(3, 'UTC') COMMENT 'when a worker judged the month',
    `is_current` Bool COMMENT 'no worker has found the inputs of the month changed since'
)
AS SELECT
    j.month AS month,
    j.service AS service,
    j.policy AS policy,
    toDateTime(toUInt32(j.starts_at) + 60 * (number - 1), 'UTC') AS minute,
    ['good', 'down', 'excluded', 'idle', 'blind', 'pending'][state_ + 1] AS state,
    ['', 'scheduled_maintenance', 'emergency_maintenance', 'operator_outage', 'internet_backbone', 'dns', 'force_majeure', 'ddos', 'regulatory_shutdown'][kind_ + 1] AS kind,
    CAST(bad_low_, 'Bool') AS bad_low,
    CAST(bad_lost_, 'Bool') AS bad_lost,
    CAST(bad_high_, 'Bool') AS bad_high,
    j.requests_failed[number] AS requests_failed,
    j.requests_valid[number] AS requests_valid,
    j.requests_unknown[number] AS requests_unknown,
    j.requests_missing[number] AS requests_missing,
    j.messages_failed[number] AS messages_failed,
    j.messages_valid[number] AS messages_valid,
    j.messages_unknown[number] AS messages_unknown,
    j.messages_pending[number] AS messages_pending,
    j.messages_missing[number] AS messages_missing,
    j.judged_at AS judged_at,
    CAST((j.policy, j.month, j.fingerprint) IN (SELECT policy, month, fingerprint FROM judgement_looks FINAL), 'Bool') AS is_current
FROM (SELECT * FROM judgements FINAL) AS j
ARRAY JOIN
    j.state AS state_,
    j.kind AS kind_,
    j.bad_low AS bad_low_,
    j.bad_lost AS bad_lost_,
    j.bad_high AS bad_high_,
    arrayEnumerate(j.state) AS number
