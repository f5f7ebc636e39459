-- What was read, what is still owed, how far we have seen.

CREATE TABLE blocks
(
    topic             LowCardinality(String),
    topic_id          LowCardinality(String) COMMENT 'the broker''s id: a recreated topic is another topic',
    partition         UInt32,
    first             UInt64 COMMENT 'consumer position before the block',
    next              UInt64 COMMENT 'consumer position after it: [first, next)',
    state             Enum8('stored' = 1, 'evaluated' = 2, 'lost' = 3) COMMENT 'stored: its minutes are still owed; lost: taken by retention before it was read',
    records           UInt32,
    dead_letters      UInt32,
    ahead_of_clock    UInt32 COMMENT 'records more than 5 minutes ahead of their broker timestamp',
    digest            UInt64 COMMENT 'sum modulo 2^64 of the content hashes of the records',
    first_known_at    DateTime64(3, 'UTC') COMMENT 'broker timestamp of its first record; lost: of the last record read before the hole',
    last_known_at     DateTime64(3, 'UTC') COMMENT 'broker timestamp of its last record; lost: of the first record after the hole',
    touched_service   Array(Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4)),
    touched_minute    Array(DateTime('UTC')) COMMENT 'with touched_service: the service-minutes it touched',
    state_order       UInt8 MATERIALIZED toUInt8(state)
)
ENGINE = ReplacingMergeTree(state_order)
ORDER BY (topic_id, partition, first, next)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Counts of a service-minute. `version` is the number of distinct records they were made from; the set only
-- grows, so an evaluation made from an older view of it can never replace a newer one.
CREATE TABLE minutes
(
    service                Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute                 DateTime('UTC') CODEC(Delta, ZSTD(1)),
    version                UInt64,
    requests_ok            UInt32,
    requests_platform      UInt32,
    requests_operator      UInt32,
    requests_customer      UInt32,
    requests_content       UInt32,
    requests_recipient     UInt32,
    requests_unknown       UInt32,
    requests_out_of_scope  UInt32 COMMENT 'C5',
    messages_ok            UInt32,
    messages_platform      UInt32,
    messages_operator      UInt32,
    messages_customer      UInt32,
    messages_content       UInt32,
    messages_recipient     UInt32,
    messages_unknown       UInt32,
    messages_accepted      UInt32 COMMENT 'pending: ours, not yet a carrier''s (C3)',
    messages_enroute       UInt32 COMMENT 'pending: a carrier has it (C3)',
    messages_out_of_scope  UInt32,
    probes_ok              UInt32,
    probes_failed          UInt32,
    conflicts              UInt32 COMMENT 'identities, I3',
    unsourced              UInt32 COMMENT 'identities of requests and messages with a record that carries no source',
    request_sources        Map(String, UInt32) COMMENT 'identities by source that carry it (B3)',
    message_sources        Map(String, UInt32)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(minute)
ORDER BY (service, minute)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Per partition: how far it is read without a gap, evaluated without a gap, and seen (B5). Greatest wins.
CREATE TABLE frontiers
(
    topic           LowCardinality(String),
    topic_id        LowCardinality(String),
    partition       UInt32,
    stored_next     SimpleAggregateFunction(max, UInt64) COMMENT 'all before it is in blocks, without a gap',
    evaluated_next  SimpleAggregateFunction(max, UInt64) COMMENT 'all before it lies in evaluated or lost blocks',
    frontier        SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'B5; written after the minutes it speaks of are evaluated'
)
ENGINE = AggregatingMergeTree
ORDER BY (topic, topic_id, partition);

-- The partitions that the broker listed for an input topic, and the clock read before it was asked: no
-- frontier reaches beyond it, so a partition added meanwhile holds everything back.
CREATE TABLE listings
(
    topic       LowCardinality(String),
    topic_id    LowCardinality(String),
    partitions  UInt32,
    listed_at   DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(listed_at)
ORDER BY topic;
