-- Whether completeness at the source is proven (B3): every record of the service in the month carries a source, and
-- each of those sources has a manifest for both topics and every minute of the month. Without any source: unproven.
CREATE OR REPLACE VIEW source_completeness AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    toDateTime(frame.month_start, 'UTC') AS month_start,
    toDateTime(frame.month_end, 'UTC') AS month_end,
    complete AS
    (
        SELECT service, toString(source) AS name
        FROM (SELECT DISTINCT service, source, topic, minute FROM manifests WHERE minute >= month_start AND minute < month_end)
        GROUP BY service, source
        HAVING count() = 2 * frame.total_minutes
    ),
    seen AS
    (
        SELECT
            service,
            sum(unsourced) AS unsourced,
            groupUniqArrayArray(arrayConcat(mapKeys(request_sources), mapKeys(message_sources))) AS names
        FROM stored_minutes
        WHERE minute >= month_start AND minute < month_end
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
