-- What performance is told from once the ledger's rows are gone (P1-P4): a row an account, operator and region for each
-- service and day, in scope alone. Durations are kept as counts by the least edge that they do not exceed, in
-- milliseconds; every limit of every policy is an edge, so shares are exact. `version` is the sum of the versions of the
-- day's minutes when the day was counted: it grows with the set, and an older count never replaces a newer one.
CREATE TABLE performance_days
(
    service             Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    day                 Date COMMENT 'in the zone of the policy',
    version             UInt64,
    account_id          String,
    operator            LowCardinality(String) COMMENT 'empty: none told, and of requests',
    region              LowCardinality(String),
    response_times      Map(UInt32, UInt64) COMMENT 'P1: requests by duration',
    delivery_times      Map(UInt32, UInt64) COMMENT 'P2: delivered messages by time from submission',
    unmeasured          UInt64 COMMENT 'P2: delivered, by a clock too coarse to tell',
    delivered           UInt64 COMMENT 'P3',
    failed              UInt64 COMMENT 'P3: failures of the platform',
    accepted            UInt64 COMMENT 'P3, C3: on the way; ours once the wait is over',
    template_delivered  UInt64 COMMENT 'P3: of template messages alone',
    template_failed     UInt64,
    template_accepted   UInt64,
    connect_times       Map(UInt32, UInt64) COMMENT 'P4: connected calls by time to connect',
    hd_ms               UInt64 COMMENT 'P4',
    call_ms             UInt64 COMMENT 'P4: of calls that tell both'
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(day)
ORDER BY (service, day, version, account_id, operator, region)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;

-- Days that are counted whole: written after their rows. `edges` are those that durations were counted by.
CREATE TABLE performance_counted
(
    service  Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    day      Date,
    version  UInt64,
    edges    Array(UInt32)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (service, day)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;
