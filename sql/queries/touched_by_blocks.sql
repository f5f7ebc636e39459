-- The service-minutes that these blocks touched.
WITH
    touched AS
    (
        SELECT DISTINCT touched_service, touched_minute
        FROM blocks
        ARRAY JOIN touched_service, touched_minute
        WHERE (topic_id, partition, first) IN {blocks:Array(Tuple(String, UInt32, UInt64))}
    )
