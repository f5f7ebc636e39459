-- What performance is told from for one service and day, from the ledger as it is now (P1-P4, C5, I2). `day` begins at
-- `from` and ends before `to`; `edges` ascend, in milliseconds; durations, which are microseconds, are counted at the
-- least edge that they do not exceed, and what exceeds them all at the greatest UInt32.
INSERT INTO performance_days
(
    service, day, version, account_id, operator, region,
    response_times, total_times, untimed, response_failed,
    delivery_times, delivery_earliest, unmeasured, impossible_times,
    delivered, failed, accepted, enroute, unknown, claimed,
    template_delivered, template_failed, template_accepted, template_enroute, template_unknown, template_claimed,
    connect_times, connect_failed, connect_accepted, connect_untold, hd_us, call_us, call_untold_us
)
WITH
    arrayMap(edge -> toUInt64(edge) * 1000, {edges:Array(UInt32)}) AS edges_us,
    duration -> if(
        duration > edges_us[-1],
        toUInt32(4294967295),
        toUInt32(intDiv(arrayFirst(edge -> edge >= duration, edges_us), 1000))) AS edge_of,
    (is_counted, duration) -> if(
        is_counted,
        map(edge_of(duration), toUInt64(1)),
        CAST(map(), 'Map(UInt32, UInt64)')) AS at_edge,
    requests AS
    (
        SELECT
            account_id,
            '' AS operator,
            region,
            sumMap(at_edge(outcome = 'ok' AND duration_us IS NOT NULL, ifNull(duration_us, 0))) AS response_times,
            sumMap(at_edge(outcome = 'ok' AND duration_us IS NULL AND total_us IS NOT NULL, ifNull(total_us, 0))) AS total_times,
            countIf(outcome = 'ok' AND duration_us IS NULL AND total_us IS NULL) AS untimed,
            countIf(outcome = 'platform') AS response_failed
        FROM effective_requests
        WHERE service = {service:String} AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND in_scope
        GROUP BY account_id, region
    ),
    messages AS
    (
        SELECT
            account_id,
            toString(m.operator) AS operator,
            region,
            sumMap(at_edge(is_delivery AND NOT is_impossible, toUInt64(greatest(taken_us + resolution_us, 0)))) AS delivery_times,
            sumMap(at_edge(is_delivery AND NOT is_impossible, toUInt64(greatest(taken_us, 0)))) AS delivery_earliest,
            countIf(is_delivery AND is_impossible) AS impossible_times,
            countIf(outcome = 'ok') AS delivered,
            countIf(outcome = 'platform') AS failed,
            countIf(outcome = 'accepted') AS accepted,
            countIf(outcome = 'enroute') AS enroute,
            countIf(outcome = 'unknown') AS unknown,
            countIf(outcome = 'claimed') AS claimed,
            countIf(outcome = 'ok' AND is_template) AS template_delivered,
            countIf(outcome = 'platform' AND is_template) AS template_failed,
            countIf(outcome = 'accepted' AND is_template) AS template_accepted,
            countIf(outcome = 'enroute' AND is_template) AS template_enroute,
            countIf(outcome = 'unknown' AND is_template) AS template_unknown,
            countIf(outcome = 'claimed' AND is_template) AS template_claimed,
            sumMap(at_edge(connect_us IS NOT NULL, ifNull(connect_us, 0))) AS connect_times,
            countIf(outcome = 'platform' AND connect_us IS NULL) AS connect_failed,
            countIf(outcome = 'accepted' AND connect_us IS NULL) AS connect_accepted,
            countIf(outcome = 'ok' AND connect_us IS NULL) AS connect_untold,
            sumIf(toUInt128(least(ifNull(m.hd_us, 0), ifNull(m.duration_us, 0))), m.hd_us IS NOT NULL) AS hd_us,
            sumIf(toUInt128(ifNull(m.duration_us, 0)), m.hd_us IS NOT NULL) AS call_us,
            sumIf(toUInt128(ifNull(m.duration_us, 0)), m.hd_us IS NULL) AS call_untold_us
        FROM
        (
            SELECT
                *,
                state = 'delivered' AS is_delivery,
                ifNull(template, false) AS is_template,
                (toUnixTimestamp64Milli(time) - toInt64(toUInt32(minute)) * 1000 - submitted_ms) * 1000 AS taken_us,
                taken_us + resolution_us <= 0 AS is_impossible
            FROM effective_messages
            WHERE service = {service:String} AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
                AND in_scope
        ) AS m
        GROUP BY account_id, operator, region
    )
SELECT
    {service:String} AS service,
    {day:Date} AS day,
    {version:UInt64} AS version,
    account_id,
    operator,
    region,
    response_times, total_times, untimed, response_failed,
    delivery_times, delivery_earliest, impossible_times AS unmeasured, impossible_times,
    delivered, failed, accepted, enroute, unknown, claimed,
    template_delivered, template_failed, template_accepted, template_enroute, template_unknown, template_claimed,
    connect_times, connect_failed, connect_accepted, connect_untold, hd_us, call_us, call_untold_us
FROM requests
FULL JOIN messages USING (account_id, operator, region)
