-- All service-minutes of [from, to), seconds since the epoch; none of months that have expired.
WITH
    touched AS
    (
        SELECT
            CAST(service, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS touched_service,
            toDateTime(second, 'UTC') AS touched_minute
        FROM (SELECT arrayJoin([1, 2, 3, 4]) AS service, arrayJoin(range({from:UInt32}, {to:UInt32}, 60)) AS second)
        WHERE toYYYYMM(touched_minute) NOT IN (SELECT month FROM expirations WHERE dropped)
    )
