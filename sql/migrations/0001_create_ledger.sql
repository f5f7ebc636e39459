-- The ledger: a set of distinct records (contract I2). One row a distinct record, whatever was replayed.
-- Rows that share the sorting key differ only in where and when the record was read; the row that became
-- known first is kept, hence the version `known_order`, which is greater the earlier a record was known.
-- What counts for an identity is chosen by content when read, never by which row came last.
-- The partition is a function of the sorting key, or one record could live twice.

CREATE TABLE ledger_requests
(
    service      Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute       DateTime('UTC') CODEC(Delta, ZSTD(1)) COMMENT 'UTC minute of `time` (T2)',
    identity     FixedString(16) COMMENT 'xxh3-128 of request_id (I1)',
    content      UInt64 COMMENT 'xxh3-64, seed 0, of the record as produced (I2)',
    minute_ms    UInt16 COMMENT '`time` minus its minute, in milliseconds (T1)',
    revision     UInt16,
    stage        Enum8('ga' = 0, 'beta' = 1, 'preview' = 2, 'experimental' = 3),
    plan         Enum8('paid' = 0, 'trial' = 1, 'promotional' = 2),
    outcome      Enum8('ok' = 0, 'platform' = 1, 'operator' = 2, 'customer' = 3, 'content' = 4, 'recipient' = 5, 'unknown' = 6),
    reason       LowCardinality(String) COMMENT 'table:code that decided the outcome (C4)',
    status       UInt16,
    error        LowCardinality(String),
    account_id   LowCardinality(String),
    route        LowCardinality(String),
    region       LowCardinality(String),
    source       LowCardinality(String) COMMENT 'log shipper, as its manifests name it; empty: none given',
    duration_ms  Nullable(UInt32) COMMENT 'NULL: not measured',
    request_id   String COMMENT 'kept whole unless the outcome is ok',
    partition    UInt16,
    offset       UInt64 CODEC(ZSTD(1)),
    known_at     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) COMMENT 'broker timestamp at which the record became known',
    known_order  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at)) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_order)
PARTITION BY toYYYYMM(minute)
ORDER BY (service, minute, identity, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE ledger_receipts
(
    service        Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute         DateTime('UTC') CODEC(Delta, ZSTD(1)) COMMENT 'UTC minute of `submitted_at` (I1)',
    identity       FixedString(16) COMMENT 'xxh3-128 of message_id (I1)',
    content        UInt64 COMMENT 'xxh3-64, seed 0, of the record as produced (I2)',
    submitted_ms   UInt16 COMMENT '`submitted_at` minus its minute, in milliseconds',
    time           DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    state          Enum8('accepted' = 0, 'enroute' = 1, 'delivered' = 2, 'failed' = 3, 'expired' = 4, 'rejected' = 5, 'deleted' = 6, 'unknown' = 7),
    stage          Enum8('ga' = 0, 'beta' = 1, 'preview' = 2, 'experimental' = 3),
    plan           Enum8('paid' = 0, 'trial' = 1, 'promotional' = 2),
    outcome        Enum8('ok' = 0, 'platform' = 1, 'operator' = 2, 'customer' = 3, 'content' = 4, 'recipient' = 5, 'unknown' = 6, 'accepted' = 7, 'enroute' = 8) COMMENT 'accepted and enroute are pending; views turn them after 72 h (C3)',
    reason         LowCardinality(String) COMMENT 'table:code that decided the outcome (C4)',
    code_system    LowCardinality(String),
    code           LowCardinality(String) COMMENT 'empty: the receipt carries none',
    account_id     LowCardinality(String),
    operator       LowCardinality(String),
    region         LowCardinality(String),
    source         LowCardinality(String),
    template       Nullable(Bool),
    resolution_ms  UInt32,
    connect_ms     Nullable(UInt32),
    duration_ms    Nullable(UInt32),
    hd_ms          Nullable(UInt32),
    message_id     String COMMENT 'kept whole unless the outcome is ok',
    partition      UInt16,
    offset         UInt64 CODEC(ZSTD(1)),
    known_at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    known_order    UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at)) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_order)
PARTITION BY toYYYYMM(minute)
ORDER BY (service, minute, identity, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE ledger_probes
(
    service      Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute       DateTime('UTC') CODEC(Delta, ZSTD(1)),
    identity     FixedString(16) COMMENT 'xxh3-128 of probe_id (I1)',
    content      UInt64,
    minute_ms    UInt16,
    revision     UInt16,
    ok           Bool,
    status       Nullable(UInt16),
    vantage      LowCardinality(String),
    duration_ms  Nullable(UInt32),
    probe_id     String,
    partition    UInt16,
    offset       UInt64 CODEC(ZSTD(1)),
    known_at     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    known_order  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at)) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(known_order)
PARTITION BY toYYYYMM(minute)
ORDER BY (service, minute, identity, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
