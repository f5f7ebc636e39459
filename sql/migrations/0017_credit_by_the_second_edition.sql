-- Amounts have as many decimal places as their currency's minor unit (M3), and a complete month is decided whether
-- anybody closed it or not (K2).
ALTER TABLE credit_decisions
    MODIFY COLUMN amount Decimal(38, 4) COMMENT 'what it adds, of either sign',
    MODIFY COLUMN due Decimal(38, 4) COMMENT 'what is credited together with the decisions before it',
    MODIFY COLUMN statement Nullable(UInt32) COMMENT 'the statement (0) or amendment that it follows from; NULL: none',
    ADD COLUMN IF NOT EXISTS decimal_places UInt8 DEFAULT 2 COMMENT 'of amount and due, as the topic writes them' AFTER due;

-- A claim is told apart by its account, too (I1), may bring credit for two fees (M3), and is answered even if it could
-- not be read (K2).
CREATE TABLE IF NOT EXISTS answers_to_claims
(
    account_id   String,
    claim_id     String,
    dead_letter  String COMMENT 'of a claim that was refused: the hash of its bytes and its place in an array; else empty',
    month        LowCardinality(String) COMMENT 'empty: a claim that was refused',
    state        Enum8('awaiting_month_close' = 0, 'rejected' = 1, 'approved' = 2),
    refusals     Array(String) COMMENT 'every reason that applies',
    statement    Nullable(UInt32) COMMENT 'the statement (0) or amendment that it follows from; NULL: none',
    fees         Array(LowCardinality(String)) COMMENT 'those that it is approved for',
    answered_at  DateTime64(3, 'UTC'),
    answer_order UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(answered_at))
)
ENGINE = ReplacingMergeTree(answer_order)
ORDER BY (account_id, claim_id, dead_letter, month, state, refusals, ifNull(statement, 4294967295))
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;

-- If this migration is begun again after its last statement, the first edition's table is gone, and taken for empty.
CREATE TABLE IF NOT EXISTS claim_answers
(
    claim_id    String,
    month       String,
    state       Enum8('awaiting_month_close' = 0, 'rejected' = 1, 'approved' = 2),
    refusals    Array(String),
    statement   UInt32,
    account_id  String,
    fee         String,
    answered_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY claim_id;

INSERT INTO answers_to_claims (account_id, claim_id, month, state, refusals, statement, fees, answered_at)
SELECT account_id, claim_id, month, state, refusals, statement, if(state = 'approved', [fee], []), answered_at
FROM claim_answers;

DROP TABLE claim_answers;
