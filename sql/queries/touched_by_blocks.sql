-- The service-minutes that these blocks touched; of months that have expired from the ledger nothing is counted.
WITH
    touched AS
    (
        SELECT DISTINCT touched_service, touched_minute
        FROM blocks
        ARRAY JOIN touched_service, touched_minute
        WHERE (topic_id, partition, first) IN {blocks:Array(Tuple(String, UInt32, UInt64))}
            AND toYYYYMM(touched_minute) NOT IN (SELECT month FROM expirations WHERE dropped)
    )
