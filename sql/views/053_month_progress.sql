-- Why a month is not complete (B5), one row a partition of an input topic.
--   owes_minutes   its frontier has not passed the month's end by the grace
--   owes_receipts  it carries receipts, and has not passed the month's end by the wait for them
--   backlog        something older than the grace may be unread in it
CREATE OR REPLACE VIEW month_progress AS
WITH
    (SELECT tuple(zone, toInt64(grace_ms), toInt64(receipt_wait_ms)) FROM policies FINAL WHERE policy_id = {policy:String}) AS p,
    (SELECT toInt64(toUInt32(`end`)) * 1000 FROM calendar FINAL WHERE zone = p.1 AND month = {month:String}) AS end_ms,
    (SELECT max(listed_at) FROM partition_frontiers) AS as_of_,
    toUnixTimestamp64Milli(frontier) AS frontier_ms
SELECT
    topic,
    partition,
    stored_next,
    evaluated_next,
    frontier,
    as_of_ AS as_of,
    frontier_ms < end_ms + p.2 AS owes_minutes,
    topic = 'carrier.receipts' AND frontier_ms < end_ms + p.3 AS owes_receipts,
    frontier_ms < toUnixTimestamp64Milli(as_of_) - p.2 OR listed_at = toDateTime64(0, 3, 'UTC') AS backlog
FROM partition_frontiers
ORDER BY topic, partition
