-- The counts that stand, for every service-minute that the given blocks touched, or that is named: what `sla.minutes`
-- publishes.
WITH touched AS
    (
        SELECT touched_service, touched_minute
        FROM blocks
        ARRAY JOIN touched_service, touched_minute
        WHERE (topic_id, partition, first) IN {blocks:Array(Tuple(String, UInt32, UInt64))}
        UNION ALL
        SELECT
            CAST(named.1, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS touched_service,
            toDateTime(named.2, 'UTC') AS touched_minute
        FROM (SELECT arrayJoin({minutes:Array(Tuple(Int8, UInt32))}) AS named)
    )
SELECT *
FROM minutes FINAL
WHERE (service, minute) IN touched
ORDER BY service, minute
