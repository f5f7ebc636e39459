-- What is owed of a minute is the version that counting it makes: minutes of the contract's first edition are counted
-- again though the ledger holds no more records of them. What was owed before is found by its version then.
DROP TABLE IF EXISTS recounts;

CREATE TABLE recounts
(
    service    Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute     DateTime('UTC'),
    version    UInt64 COMMENT 'that counting it made, or makes',
    published  Bool
)
ENGINE = ReplacingMergeTree(published)
ORDER BY (service, minute, version)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;

-- Performance by the second edition (P1-P4): what could not be measured stands beside each share. Days counted before
-- whose records have expired stay as they were: their defaults are what the first edition made of them.
ALTER TABLE performance_days
    MODIFY COLUMN response_times COMMENT 'P1: requests that are ok, by duration',
    ADD COLUMN IF NOT EXISTS total_times Map(UInt32, UInt64) COMMENT 'P1: those without duration, by the time to the last byte' AFTER response_times,
    ADD COLUMN IF NOT EXISTS untimed UInt64 COMMENT 'P1: those without either' AFTER total_times,
    ADD COLUMN IF NOT EXISTS response_failed UInt64 COMMENT 'P1: failures of the platform, never within' AFTER untimed,
    MODIFY COLUMN delivery_times COMMENT 'P2: delivered messages by the latest time from submission that their receipt allows',
    ADD COLUMN IF NOT EXISTS delivery_earliest Map(UInt32, UInt64) DEFAULT delivery_times COMMENT 'P2: the same by the earliest' AFTER delivery_times,
    MODIFY COLUMN unmeasured COMMENT 'P2: delivered, by a clock that tells nothing',
    ADD COLUMN IF NOT EXISTS impossible_times UInt64 COMMENT 'P2: of these, delivered before they were submitted' AFTER unmeasured,
    ADD COLUMN IF NOT EXISTS enroute UInt64 COMMENT 'P3, C3: on the way with a carrier; unknown once the wait is over' AFTER accepted,
    ADD COLUMN IF NOT EXISTS unknown UInt64 COMMENT 'P3' AFTER enroute,
    ADD COLUMN IF NOT EXISTS claimed UInt64 COMMENT 'P3, C7' AFTER unknown,
    ADD COLUMN IF NOT EXISTS template_enroute UInt64 AFTER template_accepted,
    ADD COLUMN IF NOT EXISTS template_unknown UInt64 AFTER template_enroute,
    ADD COLUMN IF NOT EXISTS template_claimed UInt64 AFTER template_unknown,
    MODIFY COLUMN connect_times COMMENT 'P4: calls that tell when they connected, by time to connect',
    ADD COLUMN IF NOT EXISTS connect_failed UInt64 COMMENT 'P4: others that failed by us' AFTER connect_times,
    ADD COLUMN IF NOT EXISTS connect_accepted UInt64 COMMENT 'P4, C3: others on the way; ours once the wait is over' AFTER connect_failed,
    ADD COLUMN IF NOT EXISTS connect_untold UInt64 COMMENT 'P4: others that are ok' AFTER connect_accepted,
    ADD COLUMN IF NOT EXISTS hd_us UInt128 DEFAULT toUInt128(hd_ms) * 1000 COMMENT 'P4' AFTER call_ms,
    ADD COLUMN IF NOT EXISTS call_us UInt128 DEFAULT toUInt128(call_ms) * 1000 COMMENT 'P4: of calls that tell both' AFTER hd_us,
    ADD COLUMN IF NOT EXISTS call_untold_us UInt128 COMMENT 'P4: of calls that tell only how long they were' AFTER call_us;
