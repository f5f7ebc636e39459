-- Records known to be missing from a service-minute, requests and messages apart (B3): what manifests count beyond
-- what arrived, and dead letters that no manifest's shortfall already holds.
CREATE OR REPLACE VIEW missing AS
WITH
    (SELECT zone FROM policies FINAL WHERE policy_id = {policy:String}) AS zone_,
    (SELECT tuple(start, `end`) FROM calendar FINAL WHERE zone = zone_ AND month = {month:String}) AS m,
    manifests_ AS
    (
        SELECT topic, source, service, minute, count
        FROM current_manifests
        WHERE minute >= m.1 AND minute < m.2
    )
SELECT
    service,
    minute,
    sumIf(missing, topic = 'api.requests') AS requests_missing,
    sumIf(missing, topic = 'carrier.receipts') AS messages_missing
FROM
(
    SELECT
        s.topic AS topic,
        s.service AS service,
        s.minute AS minute,
        toUInt64(greatest(toInt64(s.count) - toInt64(if(s.topic = 'api.requests', c.request_sources, c.message_sources)[s.source]), 0)) AS missing
    FROM manifests_ AS s
    LEFT JOIN (SELECT service, minute, request_sources, message_sources FROM minutes FINAL WHERE minute >= m.1 AND minute < m.2) AS c
        ON c.service = s.service AND c.minute = s.minute
    UNION ALL
    SELECT
        d.topic AS topic,
        CAST(d.service, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
        assumeNotNull(d.minute) AS minute,
        d.missing AS missing
    FROM missing_by_dead_letter AS d
    WHERE d.minute >= m.1 AND d.minute < m.2
        AND (d.source = '' OR (d.topic, d.source, d.service, d.minute) NOT IN (SELECT topic, source, toString(service), minute FROM manifests_))
)
GROUP BY service, minute
HAVING requests_missing + messages_missing > 0
