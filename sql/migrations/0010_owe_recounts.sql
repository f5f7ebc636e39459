-- Service-minutes that are counted for records of which no block tells (whoever stored them died before). What is owed of
-- a block stands in `blocks`; what is owed of these minutes stands here until it is published, or a worker that dies
-- between counting and publishing would leave `sla.minutes` without them. `records` is what the ledger held.
CREATE TABLE recounts
(
    service    Enum8('sms' = 1, 'voice' = 2, 'whatsapp' = 3, 'email' = 4),
    minute     DateTime('UTC'),
    records    UInt64,
    published  Bool
)
ENGINE = ReplacingMergeTree(published)
ORDER BY (service, minute, records)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, old_parts_lifetime = 480;
