-- Records known to be missing from a service-minute, requests and messages apart (B3): what manifests count beyond
-- what arrived, and dead letters that no manifest's shortfall already holds. Manifests may count up to 2^53 - 1 records
-- each, and there is no bound to the sources: their sum is of 128 bits, as everything is that is computed with it.
CREATE OR REPLACE VIEW missing AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    toDateTime(frame.month_start, 'UTC') AS month_start,
    toDateTime(frame.month_end, 'UTC') AS month_end,
    manifests_ AS
    (
        SELECT topic, source, service, minute, count
        FROM current_manifests
        WHERE minute >= month_start AND minute < month_end
    )
SELECT
    service,
    minute,
    sumIf(toUInt128(missing), topic = 'api.requests') AS requests_missing,
    sumIf(toUInt128(missing), topic = 'carrier.receipts') AS messages_missing
FROM
(
    SELECT
        s.topic AS topic,
        s.service AS service,
        s.minute AS minute,
        toUInt64(greatest(toInt64(s.count) - toInt64(if(s.topic = 'api.requests', c.request_sources, c.message_sources)[s.source]), 0)) AS missing
    FROM manifests_ AS s
    LEFT JOIN
    (
        SELECT service, minute, request_sources, message_sources
        FROM stored_minutes
        WHERE minute >= month_start AND minute < month_end AND (service, minute) IN (SELECT service, minute FROM manifests_)
    ) AS c
        ON c.service = s.service AND c.minute = s.minute
    UNION ALL
    SELECT
        d.topic AS topic,
        CAST(d.service, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
        assumeNotNull(d.minute) AS minute,
        d.missing AS missing
    FROM missing_by_dead_letter AS d
    WHERE d.minute >= month_start AND d.minute < month_end
        AND (d.source = '' OR (d.topic, d.source, d.service, d.minute) NOT IN (SELECT topic, source, toString(service), minute FROM manifests_))
)
GROUP BY service, minute
HAVING requests_missing + messages_missing > 0
