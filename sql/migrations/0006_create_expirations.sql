-- Months whose rows in the ledger are gone, by decision (`zecto-sla expire`). The minutes counted from them stay.
-- Announced first: from then on whoever reads a block sets records of the month aside. Dropped second: from then on
-- its minutes are not counted again, for what they were counted from is gone.

CREATE TABLE expirations
(
    month      UInt32 COMMENT 'UTC month as YYYYMM, the partition of the ledger''s tables',
    dropped    Bool COMMENT 'false: announced only',
    noted_at   DateTime64(3, 'UTC'),
    statements Array(String) COMMENT 'SHA-256 of the statements that stand for it'
)
ENGINE = ReplacingMergeTree(dropped)
ORDER BY month
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
