-- Why a month is not complete (B5), one row a partition of an input topic.
--   owes_minutes   its frontier has not passed the month's end by the grace
--   owes_receipts  it carries receipts, and has not passed the month's end by the wait for them
--   minutes_until, receipts_until   what its frontier has to reach for these two to end
--   backlog        something older than the grace may be unread in it
CREATE OR REPLACE VIEW month_progress AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    toInt64(frame.month_end) * 1000 AS end_ms,
    (SELECT max(listed_at) FROM partition_frontiers) AS as_of_,
    toUnixTimestamp64Milli(frontier) AS frontier_ms
SELECT
    topic,
    partition,
    stored_next,
    evaluated_next,
    frontier,
    as_of_ AS as_of,
    frontier_ms < end_ms + frame.grace_ms AS owes_minutes,
    topic = 'carrier.receipts' AND frontier_ms < end_ms + frame.receipt_wait_ms AS owes_receipts,
    fromUnixTimestamp64Milli(end_ms + frame.grace_ms, 'UTC') AS minutes_until,
    fromUnixTimestamp64Milli(end_ms + frame.receipt_wait_ms, 'UTC') AS receipts_until,
    frontier_ms < toUnixTimestamp64Milli(as_of_) - frame.grace_ms OR listed_at = toDateTime64(0, 3, 'UTC') AS backlog
FROM partition_frontiers
ORDER BY topic, partition
