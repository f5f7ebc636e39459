-- Decisions of `sla.credits` as they stand: of each number of an account, fee and month the first in the log (K4). Money
-- is text here as in the records: views make Decimal of it.
CREATE TABLE credit_decisions
(
    account_id     String,
    fee            LowCardinality(String) COMMENT 'sms, voice, whatsapp, email or platform',
    month          LowCardinality(String),
    number         UInt32,
    decision_id    FixedString(32),
    kind           LowCardinality(String),
    amount         Decimal(18, 2) COMMENT 'what it adds, of either sign',
    due            Decimal(18, 2) COMMENT 'what is credited together with the decisions before it',
    currency       LowCardinality(String),
    percent        UInt8,
    claim_id       String,
    policy         LowCardinality(String),
    statement      UInt32,
    invoice_month  LowCardinality(String),
    offset         UInt64 COMMENT 'in sla.credits, which has one partition',
    log_order      UInt64 MATERIALIZED 18446744073709551615 - offset
)
ENGINE = ReplacingMergeTree(log_order)
ORDER BY (month, account_id, fee, number)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;

-- What a claimant was told of a month, and when first: an answer that is given again stays as old as it was (K2, K3).
CREATE TABLE claim_answers
(
    claim_id     String,
    month        LowCardinality(String),
    state        Enum8('awaiting_month_close' = 0, 'rejected' = 1, 'approved' = 2),
    refusals     Array(LowCardinality(String)) COMMENT 'every reason that applies',
    statement    UInt32 COMMENT 'the statement (0) or amendment that it follows from',
    account_id   String,
    fee          LowCardinality(String),
    answered_at  DateTime64(3, 'UTC'),
    answer_order UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(answered_at))
)
ENGINE = ReplacingMergeTree(answer_order)
ORDER BY (claim_id, month, state, refusals, statement)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;
