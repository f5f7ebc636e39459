-- A record in fewer bytes. Rows lie in the order of a hash, so columns next to it look random: what is bounded is packed
-- to its bits (T64), words are compressed as such (ZSTD), hashes not at all. Parts written before are as they were until
-- they are merged.

ALTER TABLE ledger_requests
    MODIFY COLUMN identity CODEC(NONE),
    MODIFY COLUMN content CODEC(NONE),
    MODIFY COLUMN minute_ms CODEC(T64, LZ4),
    MODIFY COLUMN status CODEC(ZSTD(1)),
    MODIFY COLUMN reason CODEC(ZSTD(1)),
    MODIFY COLUMN error CODEC(ZSTD(1)),
    MODIFY COLUMN account_id CODEC(ZSTD(1)),
    MODIFY COLUMN route CODEC(ZSTD(1)),
    MODIFY COLUMN region CODEC(ZSTD(1)),
    MODIFY COLUMN source CODEC(ZSTD(1)),
    MODIFY COLUMN duration_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN request_id CODEC(ZSTD(1)),
    MODIFY COLUMN partition CODEC(T64, ZSTD(1)),
    MODIFY COLUMN offset CODEC(T64, ZSTD(1)),
    MODIFY COLUMN known_at CODEC(T64, ZSTD(1)),
    MODIFY COLUMN known_order CODEC(T64, ZSTD(1));

ALTER TABLE ledger_receipts
    MODIFY COLUMN identity CODEC(NONE),
    MODIFY COLUMN content CODEC(NONE),
    MODIFY COLUMN submitted_ms CODEC(T64, LZ4),
    MODIFY COLUMN time CODEC(T64, ZSTD(1)),
    MODIFY COLUMN reason CODEC(ZSTD(1)),
    MODIFY COLUMN code_system CODEC(ZSTD(1)),
    MODIFY COLUMN code CODEC(ZSTD(1)),
    MODIFY COLUMN account_id CODEC(ZSTD(1)),
    MODIFY COLUMN operator CODEC(ZSTD(1)),
    MODIFY COLUMN region CODEC(ZSTD(1)),
    MODIFY COLUMN source CODEC(ZSTD(1)),
    MODIFY COLUMN resolution_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN connect_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN duration_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN hd_ms CODEC(T64, ZSTD(1)),
    MODIFY COLUMN message_id CODEC(ZSTD(1)),
    MODIFY COLUMN partition CODEC(T64, ZSTD(1)),
    MODIFY COLUMN offset CODEC(T64, ZSTD(1)),
    MODIFY COLUMN known_at CODEC(T64, ZSTD(1)),
    MODIFY COLUMN known_order CODEC(T64, ZSTD(1));
