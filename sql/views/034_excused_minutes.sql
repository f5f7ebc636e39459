-- Service-minutes that a valid window covers whole, a row per minute and window. Of emergency maintenance only the
-- first minutes of the month excuse, counted over the union of all such windows of the platform (X2).
CREATE OR REPLACE VIEW excused_minutes AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    kind = 'emergency_maintenance' AS is_emergency
SELECT
    CAST(arrayJoin(services), 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
    toDateTime(at, 'UTC') AS minute,
    kind,
    kind_order,
    third_party,
    declaration_id
FROM
(
    SELECT *, dense_rank() OVER (PARTITION BY is_emergency ORDER BY at) AS nth
    FROM
    (
        SELECT
            services,
            arrayJoin(range(toUInt32(from_), toUInt32(to_), 60)) AS at,
            kind,
            kind_order,
            third_party,
            declaration_id
        FROM windows(month = {month:String}, policy = {policy:String})
        WHERE void_reason = ''
    )
)
WHERE NOT is_emergency OR nth <= frame.emergency_minutes
