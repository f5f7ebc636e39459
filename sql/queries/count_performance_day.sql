-- What performance is told from for one service and day, from the ledger as it is now (P1-P4, C5, I2). `day` begins at
-- `from` and ends before `to`; `edges` ascend, and what exceeds them all is counted at the greatest UInt32.
INSERT INTO performance_days
(
    service, day, version, account_id, operator, region, response_times, delivery_times, unmeasured,
    delivered, failed, accepted, template_delivered, template_failed, template_accepted,
    connect_times, hd_ms, call_ms
)
WITH
    {edges:Array(UInt32)} AS edges,
    x -> if(x > edges[-1], toUInt32(4294967295), arrayFirst(edge -> edge >= x, edges)) AS edge_of,
    counted AS
    (
        SELECT
            account_id, '' AS operator, region,
            if(isNull(duration_ms), map(), map(edge_of(assumeNotNull(duration_ms)), toUInt64(1))) AS responses,
            CAST(map(), 'Map(UInt32, UInt64)') AS deliveries, 0 AS too_coarse,
            0 AS was_delivered, 0 AS was_failed, 0 AS was_accepted, 0 AS is_template,
            CAST(map(), 'Map(UInt32, UInt64)') AS connects, toUInt64(0) AS hd, toUInt64(0) AS call
        FROM effective_requests
        WHERE service = {service:String} AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')} AND in_scope
        UNION ALL
        SELECT
            account_id, toString(operator) AS operator, region,
            CAST(map(), 'Map(UInt32, UInt64)') AS responses,
            if(outcome = 'ok' AND resolution_ms <= 1000, map(edge_of(taken_ms), toUInt64(1)), map()) AS deliveries,
            outcome = 'ok' AND resolution_ms > 1000 AS too_coarse,
            outcome = 'ok' AS was_delivered, outcome = 'platform' AS was_failed, outcome = 'accepted' AS was_accepted,
            ifNull(template, false) AS is_template,
            if(isNull(connect_ms), map(), map(edge_of(assumeNotNull(connect_ms)), toUInt64(1))) AS connects,
            if(isNull(hd_ms) OR isNull(duration_ms), 0, least(assumeNotNull(hd_ms), assumeNotNull(duration_ms))) AS hd,
            if(isNull(hd_ms) OR isNull(duration_ms), 0, assumeNotNull(duration_ms)) AS call
        FROM
        (
            SELECT
                *,
                toUInt64(greatest(toUnixTimestamp64Milli(time) - toInt64(toUInt32(minute)) * 1000 - submitted_ms, 0)) AS taken_ms
            FROM effective_messages
            WHERE service = {service:String} AND minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
                AND in_scope
        )
    )
SELECT
    {service:String} AS service,
    {day:Date} AS day,
    {version:UInt64} AS version,
    account_id,
    operator,
    region,
    sumMap(responses) AS response_times,
    sumMap(deliveries) AS delivery_times,
    sum(too_coarse) AS unmeasured,
    sum(was_delivered) AS delivered,
    sum(was_failed) AS failed,
    sum(was_accepted) AS accepted,
    sumIf(was_delivered, is_template) AS template_delivered,
    sumIf(was_failed, is_template) AS template_failed,
    sumIf(was_accepted, is_template) AS template_accepted,
    sumMap(connects) AS connect_times,
    sum(hd) AS hd_ms,
    sum(call) AS call_ms
FROM counted
GROUP BY account_id, operator, region
