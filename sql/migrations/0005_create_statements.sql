-- What a closed month was, for ever. A row is a function of its document's bytes, so writing it twice is writing it once.
-- Two documents of one number would be two rows, which `zecto-sla close` refuses.

CREATE TABLE statements
(
    month    String COMMENT 'YYYY-MM',
    policy   String,
    sha256   String COMMENT 'of the document''s bytes',
    cut      DateTime64(3, 'UTC') COMMENT 'only what has an earlier broker timestamp counts',
    document String CODEC(ZSTD(6)) COMMENT 'canonical JSON, as zecto-sla close --json prints it'
)
ENGINE = ReplacingMergeTree
ORDER BY (month, policy, sha256)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE amendments
(
    month            String COMMENT 'YYYY-MM',
    policy           String,
    number           UInt32 COMMENT '1, 2, ...',
    sha256           String COMMENT 'of the document''s bytes',
    statement_sha256 String COMMENT 'of the statement that it amends',
    cut_before       DateTime64(3, 'UTC'),
    cut              DateTime64(3, 'UTC'),
    document         String CODEC(ZSTD(6)) COMMENT 'canonical JSON, as zecto-sla close --json prints it'
)
ENGINE = ReplacingMergeTree
ORDER BY (month, policy, number, sha256)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
