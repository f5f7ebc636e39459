-- Service-minutes by the service's number and the second at which they begin; none of months that have expired.
WITH
    touched AS
    (
        SELECT DISTINCT
            CAST(named.1, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS touched_service,
            toDateTime(named.2, 'UTC') AS touched_minute
        FROM (SELECT arrayJoin({minutes:Array(Tuple(Int8, UInt32))}) AS named)
        WHERE toYYYYMM(touched_minute) NOT IN (SELECT month FROM expirations WHERE dropped)
    )
