-- Gaps: service-minutes of the month in which records are known to be lost (B1, B3). A gap covers every minute that
-- it touches (T2). One row a service-minute and cause.
CREATE OR REPLACE VIEW gaps AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    frame.hole_max_minutes AS hole_max,
    frame.month_start AS month_start,
    frame.month_end AS month_end,
    declared AS
    (
        SELECT
            arrayJoin(services) AS service_name,
            'telemetry_gap' AS cause,
            greatest(intDiv(toUnixTimestamp64Milli(start), 60000) * 60, toInt64(month_start)) AS from_,
            least(intDiv(toUnixTimestamp64Milli(`end`) + 59999, 60000) * 60, toInt64(month_end)) AS to_
        FROM current_declarations
        WHERE kind = 'telemetry_gap'
    ),
    manifest_holes AS
    (
        SELECT
            toString(service) AS service_name,
            'manifest_hole' AS cause,
            greatest(previous + 60, toInt64(month_start)) AS from_,
            least(at, toInt64(month_end)) AS to_
        FROM
        (
            SELECT
                service,
                toInt64(toUInt32(minute)) AS at,
                lagInFrame(at, 1, at) OVER (PARTITION BY topic, source, service ORDER BY at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS previous
            FROM (SELECT DISTINCT topic, source, service, minute FROM manifests)
            WHERE minute >= toDateTime(month_start - (hole_max + 1) * 60, 'UTC')
                AND minute <= toDateTime(month_end + (hole_max + 1) * 60, 'UTC')
        )
        WHERE at - previous > 60 AND at - previous <= (hole_max + 1) * 60
    ),
    lost AS
    (
        SELECT
            arrayJoin(['sms', 'voice', 'whatsapp', 'email']) AS service_name,
            'lost_offsets' AS cause,
            greatest(intDiv(toUnixTimestamp64Milli(first_recorded_at) - frame.lost_lead_ms, 60000) * 60, toInt64(month_start)) AS from_,
            least(intDiv(toUnixTimestamp64Milli(last_recorded_at), 60000) * 60 + 60, toInt64(month_end)) AS to_
        FROM blocks FINAL
        WHERE state = 'lost' AND topic IN ('api.requests', 'carrier.receipts', 'probes', 'telemetry.manifests')
    )
SELECT
    CAST(service_name, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
    toDateTime(arrayJoin(range(toUInt32(new_from), toUInt32(to_), 60)), 'UTC') AS minute,
    cause
FROM
(
    -- what no span before it has covered: however many there are and however long, a minute is told once
    SELECT
        service_name,
        cause,
        greatest(from_, max(to_) OVER (PARTITION BY service_name, cause ORDER BY from_, to_ ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS new_from,
        to_
    FROM
    (
        SELECT * FROM declared
        UNION ALL SELECT * FROM manifest_holes
        UNION ALL SELECT * FROM lost
    )
    WHERE from_ < to_
)
WHERE new_from < to_
