-- Reference data, written by `zecto-sla migrate` from the files of the schemas package.

CREATE TABLE policies
(
    policy_id               String,
    effective_from          DateTime64(3, 'UTC'),
    published_at            DateTime64(3, 'UTC'),
    zone                    String COMMENT 'T3',
    failure_ratio           Tuple(numerator UInt32, denominator UInt32) COMMENT 'r of V1',
    failures_at_least       UInt32 COMMENT 'V1',
    grace_ms                UInt64 COMMENT 'B5',
    receipt_wait_ms         UInt64 COMMENT 'C3',
    maintenance_notice_ms   UInt64 COMMENT 'X1',
    unproven_notice         Enum8('excludes' = 1, 'void' = 2) COMMENT 'X1',
    emergency_minutes       UInt32 COMMENT 'X2',
    silence_expected        UInt32 COMMENT 'B2: valid records to be expected in a silence',
    silence_minutes_before  UInt32 COMMENT 'B2: minutes whose traffic tells what to expect',
    silence_max_minutes     UInt32 COMMENT 'B2',
    hole_max_minutes        UInt32 COMMENT 'B3',
    lost_lead_ms            UInt64 COMMENT 'B3: how long before the last record read a hole begins',
    blind_tolerance         Tuple(numerator UInt32, denominator UInt32) COMMENT 'M2: share of T',
    excluded                Enum8('up' = 1, 'removed' = 2) COMMENT 'X5',
    tiers                   Array(Tuple(numerator UInt32, denominator UInt32, credit_percent UInt8)) COMMENT 'M2, highest first; the last has ratio 0'
)
ENGINE = ReplacingMergeTree
ORDER BY policy_id;

CREATE TABLE input_topics
(
    topic  String
)
ENGINE = ReplacingMergeTree
ORDER BY topic;

-- The months of each policy's zone, from the tz database by way of Python's zoneinfo: a midnight that a clock
-- change skips (1 June 2008 in Karachi) must begin the month where the clock jumps, which toDateTime gets wrong.
CREATE TABLE calendar
(
    zone           String,
    month          String COMMENT 'YYYY-MM',
    start          DateTime('UTC'),
    `end`          DateTime('UTC'),
    total_minutes  UInt32 COMMENT 'T (T3)'
)
ENGINE = ReplacingMergeTree
ORDER BY (zone, month);
