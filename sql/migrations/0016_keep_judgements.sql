-- What a worker judged of months, one row a policy, month and service (and one for the platform), each made from the
-- inputs that `fingerprint` tells. `version` grows with what was seen, so that who saw less never overwrites who saw more;
-- the rows of a judgement are inserted together. Arrays of minutes hold one element a minute, the month's first first.
-- Views read them: `months`, `verdicts`, `incidents`, `declaration_outcomes`.
-- The first edition judged in views of these names, and their twins; `zecto-sla migrate` creates today's views afterwards.
DROP VIEW IF EXISTS months;

DROP VIEW IF EXISTS verdicts;

DROP VIEW IF EXISTS current_declarations;

DROP VIEW IF EXISTS current_manifests;

DROP VIEW IF EXISTS missing_by_dead_letter;

DROP VIEW IF EXISTS frames;

DROP VIEW IF EXISTS stored_minutes;

DROP VIEW IF EXISTS counted_minutes;

DROP VIEW IF EXISTS silences;

DROP VIEW IF EXISTS gaps;

DROP VIEW IF EXISTS missing;

DROP VIEW IF EXISTS windows;

DROP VIEW IF EXISTS excused_minutes;

DROP VIEW IF EXISTS source_completeness;

DROP VIEW IF EXISTS void_declarations;

DROP VIEW IF EXISTS late_declarations;

DROP VIEW IF EXISTS listed_declarations;

DROP VIEW IF EXISTS month_progress;

DROP VIEW IF EXISTS effective_requests_as_of;

DROP VIEW IF EXISTS effective_messages_as_of;

DROP VIEW IF EXISTS effective_probes_as_of;

DROP VIEW IF EXISTS current_declarations_as_of;

DROP VIEW IF EXISTS current_manifests_as_of;

DROP VIEW IF EXISTS missing_by_dead_letter_as_of;

DROP VIEW IF EXISTS topic_frontiers_as_of;

DROP VIEW IF EXISTS minutes_as_of;

DROP VIEW IF EXISTS months_as_of;

DROP VIEW IF EXISTS verdicts_as_of;

DROP VIEW IF EXISTS stored_minutes_as_of;

DROP VIEW IF EXISTS counted_minutes_as_of;

DROP VIEW IF EXISTS silences_as_of;

DROP VIEW IF EXISTS gaps_as_of;

DROP VIEW IF EXISTS missing_as_of;

DROP VIEW IF EXISTS windows_as_of;

DROP VIEW IF EXISTS excused_minutes_as_of;

DROP VIEW IF EXISTS source_completeness_as_of;

DROP VIEW IF EXISTS void_declarations_as_of;

DROP VIEW IF EXISTS late_declarations_as_of;

DROP VIEW IF EXISTS listed_declarations_as_of;

DROP VIEW IF EXISTS month_progress_as_of;

CREATE TABLE IF NOT EXISTS judgements
(
    policy                     LowCardinality(String),
    month                      LowCardinality(String) COMMENT 'YYYY-MM, in the zone of the policy (T3)',
    service                    LowCardinality(String) COMMENT 'platform: all services together (V5)',
    fingerprint                String COMMENT 'of all that the month was judged from',
    version                    UInt64 COMMENT 'a sum of numbers that only grow: the greater saw no less',
    judged_at                  DateTime64(3, 'UTC'),
    in_force                   Bool,
    zone                       LowCardinality(String),
    starts_at                  DateTime('UTC'),
    complete                   Bool,
    total_minutes              UInt32,
    good_minutes               UInt32,
    down_minutes               UInt32,
    down_minutes_low           UInt32,
    down_minutes_high          UInt32,
    down_minutes_high_lost     UInt32,
    excluded_minutes           Map(LowCardinality(String), UInt32),
    idle_minutes               UInt32,
    blind_minutes              UInt32,
    pending_minutes            UInt32,
    unobserved                 Bool,
    uptime                     Nullable(Decimal(7, 4)),
    uptime_low                 Nullable(Decimal(7, 4)),
    uptime_low_lost            Nullable(Decimal(7, 4)),
    uptime_high                Nullable(Decimal(7, 4)),
    credit_uptime              Nullable(Decimal(7, 4)),
    credit_percent             Nullable(UInt8),
    conflicts                  UInt64,
    collisions                 UInt64,
    missing_records            UInt64,
    unknown_records            UInt64,
    corrected_in_our_favour    UInt64,
    unnamed_records            UInt64,
    mended_records             Map(LowCardinality(String), UInt64),
    out_of_scope_ok            UInt64,
    out_of_scope_failed        UInt64,
    out_of_scope_down_minutes  UInt32,
    late_manifests             UInt64,
    source_completeness        LowCardinality(String),
    document                   String COMMENT 'of the platform: the whole month as `month --json` has it' CODEC(ZSTD(1)),
    incidents                  Array(Tuple(starts_at DateTime('UTC'), ends_at DateTime('UTC'))),
    state                      Array(UInt8) CODEC(ZSTD(1)),
    kind                       Array(UInt8) CODEC(ZSTD(1)),
    bad_low                    Array(UInt8) CODEC(ZSTD(1)),
    bad_lost                   Array(UInt8) CODEC(ZSTD(1)),
    bad_high                   Array(UInt8) CODEC(ZSTD(1)),
    requests_failed            Array(UInt32) CODEC(ZSTD(1)),
    requests_valid             Array(UInt32) CODEC(ZSTD(1)),
    requests_unknown           Array(UInt32) CODEC(ZSTD(1)),
    requests_missing           Array(UInt64) CODEC(ZSTD(1)),
    messages_failed            Array(UInt32) CODEC(ZSTD(1)),
    messages_valid             Array(UInt32) CODEC(ZSTD(1)),
    messages_unknown           Array(UInt32) CODEC(ZSTD(1)),
    messages_pending           Array(UInt32) CODEC(ZSTD(1)),
    messages_missing           Array(UInt64) CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY substring(month, 1, 4)
ORDER BY (policy, month, service)
SETTINGS index_granularity = 8, old_parts_lifetime = 60;

-- The fingerprint that a month's inputs had when a worker last looked: what was judged from another is not
-- current.
CREATE TABLE IF NOT EXISTS judgement_looks
(
    policy       LowCardinality(String),
    month        LowCardinality(String),
    fingerprint  String,
    stamp        String COMMENT 'while it stays the same nothing has changed; empty: it cannot tell',
    version      UInt64,
    looked_at    DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (policy, month)
SETTINGS old_parts_lifetime = 60;
