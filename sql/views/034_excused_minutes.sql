-- Service-minutes that a valid window covers whole, a row per minute and kind, however many windows of the kind cover it
-- (X1-X4). Of emergency maintenance only the first minutes of the month excuse (X2).
CREATE OR REPLACE VIEW excused_minutes AS
SELECT
    CAST(service_name, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
    toDateTime(arrayJoin(range(toUInt32(new_from), toUInt32(excuses_to), 60)), 'UTC') AS minute,
    kind,
    kind_order,
    third_party
FROM
(
    SELECT
        service_name,
        kind,
        kind_order,
        third_party,
        greatest(from_, max(excuses_to) OVER (PARTITION BY service_name, kind ORDER BY from_, excuses_to ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS new_from,
        excuses_to
    FROM
    (
        SELECT arrayJoin(services) AS service_name, kind, kind_order, third_party, from_, excuses_to
        FROM windows(month = {month:String}, policy = {policy:String})
        WHERE void_reason = ''
    )
)
WHERE new_from < excuses_to
