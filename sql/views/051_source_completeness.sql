-- Whether completeness at the source is proven (B3): every record of the service in the month carries a source, and
-- each of those sources has a manifest for both topics and every minute of the month. Without any source: unproven.
CREATE OR REPLACE VIEW source_completeness AS
WITH
    (SELECT zone FROM policies FINAL WHERE policy_id = {policy:String}) AS zone_,
    (SELECT tuple(start, `end`, total_minutes) FROM calendar FINAL WHERE zone = zone_ AND month = {month:String}) AS m,
    complete AS
    (
        SELECT service, toString(source) AS name
        FROM (SELECT DISTINCT service, source, topic, minute FROM manifests WHERE minute >= m.1 AND minute < m.2)
        GROUP BY service, source
        HAVING count() = 2 * m.3
    ),
    seen AS
    (
        SELECT
            service,
            sum(unsourced) AS unsourced,
            groupUniqArrayArray(arrayConcat(mapKeys(request_sources), mapKeys(message_sources))) AS names
        FROM minutes FINAL
        WHERE minute >= m.1 AND minute < m.2
        GROUP BY service
    )
SELECT
    s.service AS service,
    if(
        coalesce(seen.unsourced, 0) = 0
            AND notEmpty(c.names)
            AND hasAll(c.names, seen.names),
        'proven', 'unproven') AS source_completeness
FROM (SELECT CAST(arrayJoin(['sms', 'voice', 'whatsapp', 'email']), 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service) AS s
LEFT JOIN seen ON seen.service = s.service
LEFT JOIN (SELECT service, groupArray(name) AS names FROM complete GROUP BY service) AS c ON c.service = s.service
ORDER BY service
