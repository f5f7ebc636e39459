-- Service-minutes that a valid window covers whole, a row per minute and window. Of emergency maintenance only the
-- first minutes of the month excuse, counted over the union of all such windows of the platform (X2).
CREATE OR REPLACE VIEW excused_minutes AS
WITH
    (SELECT emergency_minutes FROM policies FINAL WHERE policy_id = {policy:String}) AS budget,
    emergency AS
    (
        SELECT DISTINCT arrayJoin(range(toUInt32(from_), toUInt32(to_), 60)) AS at
        FROM windows(month = {month:String}, policy = {policy:String})
        WHERE kind = 'emergency_maintenance'
    ),
    budgeted AS
    (
        SELECT at FROM (SELECT at, row_number() OVER (ORDER BY at) AS nth FROM emergency) WHERE nth <= budget
    )
SELECT
    CAST(service_name, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
    toDateTime(at, 'UTC') AS minute,
    kind,
    kind_order,
    third_party,
    declaration_id
FROM
(
    SELECT
        arrayJoin(services) AS service_name,
        arrayJoin(range(toUInt32(from_), toUInt32(to_), 60)) AS at,
        kind,
        kind_order,
        third_party,
        declaration_id
    FROM windows(month = {month:String}, policy = {policy:String})
    WHERE void_reason = ''
)
WHERE kind != 'emergency_maintenance' OR at IN budgeted
