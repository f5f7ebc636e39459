-- How many insertions there were into what months are judged from, by table and partition: a number that grows with each,
-- and that merges leave as it is. A UTC month as YYYYMM, or 0 where the whole table is one partition.
SELECT table, toUInt32OrZero(partition) AS partition, max(max_block_number) AS insertions
FROM system.parts
WHERE database = currentDatabase() AND active
    AND table IN ('minutes', 'manifests', 'dead_letters', 'declarations', 'accounts', 'expirations')
GROUP BY table, partition
