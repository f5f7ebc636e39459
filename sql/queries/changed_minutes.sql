-- The counts that stand, for every service-minute that the given blocks touched: what `sla.minutes` publishes.
WITH touched AS
    (
        SELECT DISTINCT touched_service, touched_minute
        FROM blocks
        ARRAY JOIN touched_service, touched_minute
        WHERE (topic_id, partition, first) IN {blocks:Array(Tuple(String, UInt32, UInt64))}
    )
SELECT *
FROM minutes FINAL
WHERE (service, minute) IN touched
ORDER BY service, minute
