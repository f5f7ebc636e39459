-- The contract's second edition: what its rules ask of a record and of a minute that the first did not. Rows written
-- before keep what they say; `zecto-sla migrate` decides their outcomes anew, and their minutes are counted again.
-- Durations are kept to the microsecond (T1). Of rows written before they are read from the first edition's columns,
-- which are empty in all rows since: a ledger of any size is migrated at once.

ALTER TABLE ledger_requests
    MODIFY COLUMN outcome Enum8('ok' = 0, 'platform' = 1, 'operator' = 2, 'customer' = 3, 'content' = 4, 'recipient' = 5, 'unknown' = 6, 'claimed' = 9),
    ADD COLUMN IF NOT EXISTS duration_us Nullable(UInt64) DEFAULT toUInt64(duration_ms) * 1000 COMMENT 'to the first byte of the answer; NULL: not measured (T4)' CODEC(T64, ZSTD(1)) AFTER source,
    ADD COLUMN IF NOT EXISTS total_us Nullable(UInt64) COMMENT 'to its last byte; NULL: not measured (T4)' CODEC(T64, ZSTD(1)) AFTER duration_us,
    ADD COLUMN IF NOT EXISTS unnamed Bool COMMENT 'its id names nothing: the identity is that of its bytes (I1)' AFTER request_id,
    ADD COLUMN IF NOT EXISTS mended LowCardinality(String) COMMENT 'optional fields that could not be read, by name, with commas (B3)' CODEC(ZSTD(1)) AFTER unnamed;

-- `identity` of a message: xxh3-128 of message_id, with the number of its part less one as the seed (I1).
ALTER TABLE ledger_receipts
    MODIFY COLUMN outcome Enum8('ok' = 0, 'platform' = 1, 'operator' = 2, 'customer' = 3, 'content' = 4, 'recipient' = 5, 'unknown' = 6, 'accepted' = 7, 'enroute' = 8, 'claimed' = 9) COMMENT 'accepted and enroute are pending; the rules turn them after 72 h (C3)',
    ADD COLUMN IF NOT EXISTS part UInt8 DEFAULT 1 COMMENT 'which part of a multi-part message (I1)' AFTER template,
    ADD COLUMN IF NOT EXISTS resolution_us UInt32 DEFAULT resolution_ms * 1000 COMMENT 'of `time`' CODEC(T64, ZSTD(1)) AFTER part,
    ADD COLUMN IF NOT EXISTS connect_us Nullable(UInt64) DEFAULT toUInt64(connect_ms) * 1000 CODEC(T64, ZSTD(1)) AFTER resolution_us,
    ADD COLUMN IF NOT EXISTS duration_us Nullable(UInt64) DEFAULT toUInt64(duration_ms) * 1000 CODEC(T64, ZSTD(1)) AFTER connect_us,
    ADD COLUMN IF NOT EXISTS hd_us Nullable(UInt64) DEFAULT toUInt64(hd_ms) * 1000 CODEC(T64, ZSTD(1)) AFTER duration_us,
    ADD COLUMN IF NOT EXISTS unnamed Bool COMMENT 'its id names nothing: the identity is that of its bytes (I1)' AFTER message_id,
    ADD COLUMN IF NOT EXISTS mended LowCardinality(String) COMMENT 'optional fields that could not be read, by name, with commas (B3)' CODEC(ZSTD(1)) AFTER unnamed;

-- A probe is told apart by its vantage, too (I1): who reads groups by it beside the identity, which is of the id alone.
ALTER TABLE ledger_probes
    ADD COLUMN IF NOT EXISTS duration_us Nullable(UInt64) DEFAULT toUInt64(duration_ms) * 1000 CODEC(T64, ZSTD(1)) AFTER vantage,
    ADD COLUMN IF NOT EXISTS unnamed Bool COMMENT 'its id names nothing: the identity is that of its bytes (I1)' AFTER probe_id,
    ADD COLUMN IF NOT EXISTS mended LowCardinality(String) COMMENT 'optional fields that could not be read, by name, with commas (B3)' CODEC(ZSTD(1)) AFTER unnamed;

ALTER TABLE manifests
    ADD COLUMN IF NOT EXISTS final Bool COMMENT 'the source sends no more after this minute (B3)' AFTER count,
    ADD COLUMN IF NOT EXISTS mended LowCardinality(String) AFTER final;

ALTER TABLE tickets
    ADD COLUMN IF NOT EXISTS automatic Bool COMMENT 'a response that no person wrote is none (P6)' AFTER service;

-- What could be read of a record that cannot count (B3): an array's elements are a row each, and one whose identity has
-- a record was mended since.
ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS element UInt32 COMMENT 'which element of an array, from 0; 0 of all else' AFTER is_null,
    MODIFY ORDER BY (topic, content, is_null, element);

ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS identity Nullable(FixedString(16)) COMMENT 'as in the ledger; NULL: id, minute or service is not readable' AFTER source,
    ADD COLUMN IF NOT EXISTS record_id String COMMENT 'its id, as far as it can be read' AFTER identity,
    ADD COLUMN IF NOT EXISTS account_id String COMMENT 'its account, as far as it can be read' AFTER record_id;

-- Counts of a minute. `version` begins anew above every version of the first edition, so that its counts, here and in
-- `sla.minutes`, give way to these; `records` alone says of how many records a minute was made.
ALTER TABLE minutes
    ADD COLUMN IF NOT EXISTS records UInt64 DEFAULT version COMMENT 'distinct records it was made from' AFTER version,
    ADD COLUMN IF NOT EXISTS requests_claimed UInt32 COMMENT 'failures of an operator that only the platform tells (C1, C7)' AFTER requests_unknown,
    ADD COLUMN IF NOT EXISTS requests_out_of_scope_ok UInt32 COMMENT 'C5' AFTER requests_out_of_scope,
    ADD COLUMN IF NOT EXISTS requests_out_of_scope_platform UInt32 AFTER requests_out_of_scope_ok,
    ADD COLUMN IF NOT EXISTS requests_out_of_scope_unknown UInt32 AFTER requests_out_of_scope_platform,
    ADD COLUMN IF NOT EXISTS requests_out_of_scope_claimed UInt32 AFTER requests_out_of_scope_unknown,
    ADD COLUMN IF NOT EXISTS requests_heard UInt32 COMMENT 'identities with any valid record in scope, whatever counts (I4, B2)' AFTER requests_out_of_scope_claimed,
    ADD COLUMN IF NOT EXISTS requests_corrected UInt32 COMMENT 'identities corrected in our favour, or newly in scope (I4)' AFTER requests_heard,
    ADD COLUMN IF NOT EXISTS requests_corrected_settled UInt32 COMMENT 'of these, neither unknown nor claimed nor only newly in scope (B4: c)' AFTER requests_corrected,
    ADD COLUMN IF NOT EXISTS requests_corrected_claimed UInt32 COMMENT 'of the corrected, those that count as claimed' AFTER requests_corrected_settled,
    ADD COLUMN IF NOT EXISTS requests_corrected_valid UInt32 COMMENT 'of the corrected, those that count as ok (B4: k)' AFTER requests_corrected_claimed,
    ADD COLUMN IF NOT EXISTS requests_collisions UInt32 COMMENT 'other requests under one id, which count as missing (I3)' AFTER requests_corrected_valid,
    ADD COLUMN IF NOT EXISTS messages_claimed UInt32 AFTER messages_unknown,
    ADD COLUMN IF NOT EXISTS messages_out_of_scope_ok UInt32 AFTER messages_out_of_scope,
    ADD COLUMN IF NOT EXISTS messages_out_of_scope_platform UInt32 AFTER messages_out_of_scope_ok,
    ADD COLUMN IF NOT EXISTS messages_out_of_scope_unknown UInt32 AFTER messages_out_of_scope_platform,
    ADD COLUMN IF NOT EXISTS messages_out_of_scope_claimed UInt32 AFTER messages_out_of_scope_unknown,
    ADD COLUMN IF NOT EXISTS messages_out_of_scope_accepted UInt32 AFTER messages_out_of_scope_claimed,
    ADD COLUMN IF NOT EXISTS messages_out_of_scope_enroute UInt32 AFTER messages_out_of_scope_accepted,
    ADD COLUMN IF NOT EXISTS messages_heard UInt32 AFTER messages_out_of_scope_enroute,
    ADD COLUMN IF NOT EXISTS messages_corrected UInt32 AFTER messages_heard,
    ADD COLUMN IF NOT EXISTS messages_corrected_settled UInt32 AFTER messages_corrected,
    ADD COLUMN IF NOT EXISTS messages_corrected_claimed UInt32 AFTER messages_corrected_settled,
    ADD COLUMN IF NOT EXISTS messages_corrected_valid UInt32 AFTER messages_corrected_claimed,
    ADD COLUMN IF NOT EXISTS vantages_ok UInt32 COMMENT 'vantages that probed and did not fail (V2)' AFTER probes_failed,
    ADD COLUMN IF NOT EXISTS vantages_failed UInt32 COMMENT 'vantages all of whose probes failed (V2)' AFTER vantages_ok,
    ADD COLUMN IF NOT EXISTS probes_corrected UInt32 COMMENT 'probes that had failed in a lower revision (I4)' AFTER vantages_failed,
    ADD COLUMN IF NOT EXISTS unnamed UInt32 COMMENT 'distinct records whose id names nothing (I1)' AFTER unsourced,
    ADD COLUMN IF NOT EXISTS mended Map(String, UInt32) COMMENT 'distinct records by an optional field of theirs that could not be read (B3)' AFTER unnamed;

-- What is decided where records are counted, once for all policies: written by `zecto-sla migrate`, which refuses
-- policies that disagree.
CREATE TABLE IF NOT EXISTS counting_rules
(
    only               UInt8,
    handover_within_ms UInt64 COMMENT 'C3: how long a message may wait for its carrier'
)
ENGINE = ReplacingMergeTree
ORDER BY only;
