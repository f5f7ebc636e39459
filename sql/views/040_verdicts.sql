-- The state of every service-minute of a month, with its counts (V1-V3) and what the unknown could make of it (B4).
--   state             good, down, excluded, idle, blind, pending
--   kind              of the window, where excluded
--   down_low/high     1 if the minute is down at best / at worst
CREATE OR REPLACE VIEW verdicts AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    (SELECT tuple(toUnixTimestamp64Milli(min(frontier)), toUnixTimestamp64Milli(maxIf(frontier, topic = 'carrier.receipts'))) FROM topic_frontiers) AS seen_ms,
    frame.ratio_numerator AS ratio_numerator,
    frame.ratio_denominator AS ratio_denominator,
    frame.failures_at_least AS at_least,
    grid AS
    (
        SELECT
            CAST(arrayJoin(['sms', 'voice', 'whatsapp', 'email']), 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS service,
            toDateTime(arrayJoin(range(materialize(frame.month_start), frame.month_end, 60)), 'UTC') AS minute
    ),
    counts AS
    (
        SELECT *
        FROM counted_minutes(policy = {policy:String})
        WHERE minute >= toDateTime(frame.month_start, 'UTC') AND minute < toDateTime(frame.month_end, 'UTC')
    ),
    -- what else is known of a service-minute than its counts, a row each
    marks AS
    (
        SELECT
            service,
            minute,
            sum(requests_missing) AS requests_missing,
            sum(messages_missing) AS messages_missing,
            max(gap) AS gap,
            max(silence) AS silence,
            minIf((kind_order, kind), kind_order > 0).2 AS kind_if_unused,
            minIf((kind_order, kind), kind_order > 0 AND NOT third_party).2 AS kind_if_ours
        FROM
        (
            SELECT service, minute, requests_missing, messages_missing, 0 AS gap, 0 AS silence, 0 AS kind_order, '' AS kind, 0 AS third_party
            FROM missing(month = {month:String}, policy = {policy:String})
            UNION ALL
            SELECT service, minute, 0, 0, 1, 0, 0, '', 0
            FROM gaps(month = {month:String}, policy = {policy:String})
            UNION ALL
            SELECT service, toDateTime(arrayJoin(range(toUInt32(start), toUInt32(`end`), 60)), 'UTC'), 0, 0, 0, 1, 0, '', 0
            FROM silences(month = {month:String}, policy = {policy:String})
            UNION ALL
            SELECT service, minute, 0, 0, 0, 0, kind_order, kind, third_party
            FROM excused_minutes(month = {month:String}, policy = {policy:String})
        )
        GROUP BY service, minute
    )
SELECT
    service,
    minute,
    multiIf(
        seen_ms.1 < (toInt64(toUInt32(minute)) + 60) * 1000 + frame.grace_ms, 'pending',
        bad AND excuse != '', 'excluded',
        bad, 'down',
        gap, 'blind',
        valid > 0 OR probes_ok > 0, 'good',
        silence, 'blind',
        'idle') AS state,
    if(state = 'excluded', excuse, '') AS kind,
    toUInt8(state NOT IN ('pending', 'excluded') AND NOT gap AND NOT silent AND bad_low) AS down_low,
    toUInt8(state NOT IN ('pending', 'excluded') AND (gap OR silent OR bad_high) AND kind_if_ours = '') AS down_high,
    version,
    requests_ok, requests_platform, requests_operator, requests_customer, requests_content, requests_recipient,
    requests_unknown, requests_missing, requests_out_of_scope,
    messages_ok, messages_platform, messages_operator, messages_customer, messages_content, messages_recipient,
    messages_unknown, messages_pending, messages_missing, messages_out_of_scope,
    probes_ok, probes_failed, conflicts, unsourced, request_sources, message_sources,
    gap, silence
FROM
(
    SELECT
        g.service AS service,
        g.minute AS minute,
        c.version AS version,
        c.requests_ok AS requests_ok,
        c.requests_platform AS requests_platform,
        c.requests_operator AS requests_operator,
        c.requests_customer AS requests_customer,
        c.requests_content AS requests_content,
        c.requests_recipient AS requests_recipient,
        c.requests_unknown AS requests_unknown,
        c.requests_out_of_scope AS requests_out_of_scope,
        c.messages_ok AS messages_ok,
        c.messages_platform AS messages_platform,
        c.messages_operator AS messages_operator,
        c.messages_customer AS messages_customer,
        c.messages_content AS messages_content,
        c.messages_recipient AS messages_recipient,
        c.messages_unknown AS messages_unknown,
        c.messages_pending AS messages_pending,
        c.messages_out_of_scope AS messages_out_of_scope,
        c.probes_ok AS probes_ok,
        c.probes_failed AS probes_failed,
        c.conflicts AS conflicts,
        c.unsourced AS unsourced,
        c.request_sources AS request_sources,
        c.message_sources AS message_sources,
        k.requests_missing AS requests_missing,
        k.messages_missing AS messages_missing,
        k.gap AS gap,
        k.silence AS silence,
        k.kind_if_ours AS kind_if_ours,
        c.requests_valid + c.messages_valid AS valid,
        c.requests_unknown + k.requests_missing AS requests_in_doubt,
        c.messages_unknown + c.messages_pending + k.messages_missing AS messages_in_doubt,
        requests_in_doubt + messages_in_doubt AS in_doubt,
        silence AND c.probes_ok + c.probes_failed = 0 AS silent,
        c.probes_ok = 0 AND c.probes_failed > 0 AS probes_bad,
        -- V1, V2
        multiIf(
            valid = 0, probes_bad,
            (c.requests_platform >= at_least AND c.requests_platform * ratio_denominator > ratio_numerator * c.requests_valid)
                OR (c.messages_platform >= at_least AND c.messages_platform * ratio_denominator > ratio_numerator * c.messages_valid)) AS bad,
        -- B4, at best: what is in doubt was fine
        multiIf(
            valid + in_doubt = 0, probes_bad,
            (c.requests_platform >= at_least AND c.requests_platform * ratio_denominator > ratio_numerator * (c.requests_valid + requests_in_doubt))
                OR (c.messages_platform >= at_least AND c.messages_platform * ratio_denominator > ratio_numerator * (c.messages_valid + messages_in_doubt))) AS bad_low,
        -- B4, at worst: what is in doubt was our failure
        multiIf(
            valid + in_doubt = 0, probes_bad,
            (c.requests_platform + requests_in_doubt >= at_least
                AND (c.requests_platform + requests_in_doubt) * ratio_denominator > ratio_numerator * (c.requests_valid + requests_in_doubt))
                OR (c.messages_platform + messages_in_doubt >= at_least
                    AND (c.messages_platform + messages_in_doubt) * ratio_denominator > ratio_numerator * (c.messages_valid + messages_in_doubt))
                OR (valid = 0 AND probes_bad)) AS bad_high,
        -- X3: operators, backbone and DNS excuse only what is bad by V2
        if(valid = 0, k.kind_if_unused, k.kind_if_ours) AS excuse
    FROM grid AS g
    LEFT JOIN counts AS c ON c.service = g.service AND c.minute = g.minute
    LEFT JOIN marks AS k ON k.service = g.service AND k.minute = g.minute
)
