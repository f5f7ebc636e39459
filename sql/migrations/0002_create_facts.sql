-- The low-volume records: sets of distinct records like the ledger, small enough for one partition each.

CREATE TABLE declarations
(
    declaration_id  String,
    content         UInt64,
    revision        UInt16,
    kind            LowCardinality(String),
    services        Array(String) COMMENT 'service names, or * for all',
    start           DateTime64(3, 'UTC'),
    `end`           DateTime64(3, 'UTC'),
    announced_at    DateTime64(3, 'UTC'),
    evidence        String,
    retracted       Bool,
    title           String,
    note            String,
    partition       UInt16,
    offset          UInt64,
    known_at        DateTime64(3, 'UTC'),
    known_order     UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
ORDER BY (declaration_id, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE manifests
(
    topic        LowCardinality(String) COMMENT 'api.requests or carrier.receipts',
    source       LowCardinality(String),
    service      Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute       DateTime('UTC') COMMENT 'floored (I1)',
    content      UInt64,
    revision     UInt16,
    count        UInt64,
    partition    UInt16,
    offset       UInt64,
    known_at     DateTime64(3, 'UTC'),
    known_order  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
PARTITION BY toYYYYMM(minute)
ORDER BY (service, minute, topic, source, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE accounts
(
    account_id      String,
    content         UInt64,
    revision        UInt16,
    effective_from  DateTime64(3, 'UTC'),
    plan            LowCardinality(String),
    support_tier    LowCardinality(String),
    fees            Map(String, String) COMMENT 'decimal strings by service or platform',
    currency        LowCardinality(String),
    policy          String,
    suspended       Bool,
    partition       UInt16,
    offset          UInt64,
    known_at        DateTime64(3, 'UTC'),
    known_order     UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
ORDER BY (account_id, effective_from, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE tickets
(
    ticket_id    String,
    content      UInt64,
    account_id   String,
    time         DateTime64(3, 'UTC'),
    event        LowCardinality(String),
    priority     LowCardinality(String),
    service      LowCardinality(String),
    partition    UInt16,
    offset       UInt64,
    known_at     DateTime64(3, 'UTC'),
    known_order  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
ORDER BY (ticket_id, time, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE templates
(
    template_id  String,
    content      UInt64,
    account_id   String,
    time         DateTime64(3, 'UTC'),
    event        LowCardinality(String),
    partition    UInt16,
    offset       UInt64,
    known_at     DateTime64(3, 'UTC'),
    known_order  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
ORDER BY (template_id, time, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE claims
(
    claim_id      String,
    content       UInt64,
    account_id    String,
    service       Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    `from`        DateTime64(3, 'UTC'),
    `to`          DateTime64(3, 'UTC'),
    submitted_at  DateTime64(3, 'UTC'),
    evidence      Array(String),
    partition     UInt16,
    offset        UInt64,
    known_at      DateTime64(3, 'UTC'),
    known_order   UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
ORDER BY (claim_id, content)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE dead_letters
(
    topic        LowCardinality(String) COMMENT 'the topic it was read from',
    content      FixedString(16) COMMENT 'xxh3-128 of the bytes as produced',
    is_null      Bool COMMENT 'a record without a value, told apart from an empty one',
    service      LowCardinality(String) COMMENT 'empty: not readable, so it counts for every service (B3)',
    minute       Nullable(DateTime('UTC')) COMMENT 'minute of its time (submitted_at); NULL: not readable',
    source       LowCardinality(String),
    reason       LowCardinality(String),
    path         String COMMENT 'where in the record, as $.field; $: the record as a whole',
    bytes        UInt64,
    excerpt      String COMMENT 'the first 1,024 bytes; the whole is in sla.dead-letters',
    partition    UInt16,
    offset       UInt64,
    known_at     DateTime64(3, 'UTC'),
    known_order  UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Milli(known_at))
)
ENGINE = ReplacingMergeTree(known_order)
ORDER BY (topic, content, is_null)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
