-- How far all is read, in rows of several kinds: `frontier`, of each partition there ever was how much of it is stored and
-- evaluated, and its frontier (B5, ms); `listing`, of each topic when the broker last listed how many partitions;
-- `insertions`, of each table and UTC month (YYYYMM; 0: the table is not divided) that months are judged from, how many
-- insertions there were, which merges leave as it is; `lost`, how many holes were noted (B3).
SELECT 'frontier' AS of, toString(topic) AS name, toString(topic_id) AS topic_id, toInt64(partition) AS number,
    max(stored_next) + max(evaluated_next) AS amount, max(toUnixTimestamp64Milli(frontier)) AS at_ms
FROM frontiers
GROUP BY topic, topic_id, partition
UNION ALL
SELECT 'listing' AS of, toString(topic) AS name, toString(topic_id) AS topic_id, toInt64(partitions) AS number,
    0 AS amount, toUnixTimestamp64Milli(listed_at) AS at_ms
FROM listings FINAL
UNION ALL
SELECT 'insertions' AS of, table AS name, '' AS topic_id, toInt64(toUInt32OrZero(partition)) AS number,
    toUInt64(max(max_block_number)) AS amount, 0 AS at_ms
FROM system.parts
WHERE database = currentDatabase() AND active
    AND table IN ('minutes', 'manifests', 'dead_letters', 'declarations', 'accounts', 'expirations')
GROUP BY table, partition
UNION ALL
SELECT 'lost' AS of, '' AS name, '' AS topic_id, 0 AS number, count() AS amount, 0 AS at_ms
FROM blocks
WHERE state = 'lost'
