-- The rows of `minutes` of the service-minutes `touched` (`touched_*.sql`, before these words), from the ledger (C1-C6,
-- I1-I4), as known before `as_of` (broker timestamp, ms). What counts for an identity is decided by the views
-- effective_*_as_of. An evaluation inserts these rows; who asks for a cut takes them as they are. Of what has expired
-- from the ledger nothing is counted.
-- `version` counts distinct records above all versions of the contract's first edition: it grows with the set, so an
-- older evaluation that lands late never wins.
    , requests AS
    (
        SELECT
            service,
            minute,
            sum(e.records) AS records,
            countIf(in_scope AND outcome = 'ok') AS ok,
            countIf(in_scope AND outcome = 'platform') AS platform,
            countIf(in_scope AND outcome = 'operator') AS operator,
            countIf(in_scope AND outcome = 'customer') AS customer,
            countIf(in_scope AND outcome = 'content') AS content,
            countIf(in_scope AND outcome = 'recipient') AS recipient,
            countIf(in_scope AND outcome = 'unknown') AS unknown,
            countIf(in_scope AND outcome = 'claimed') AS claimed,
            countIf(NOT in_scope) AS out_of_scope,
            countIf(NOT in_scope AND outcome = 'ok') AS out_of_scope_ok,
            countIf(NOT in_scope AND outcome = 'platform') AS out_of_scope_platform,
            countIf(NOT in_scope AND outcome = 'unknown') AS out_of_scope_unknown,
            countIf(NOT in_scope AND outcome = 'claimed') AS out_of_scope_claimed,
            sum(e.heard) AS heard,
            countIf(e.corrected OR newly_in_scope) AS corrected,
            countIf(e.corrected AND NOT (in_scope AND outcome IN ('unknown', 'claimed'))) AS corrected_settled,
            countIf(e.corrected AND in_scope AND outcome = 'claimed') AS corrected_claimed,
            countIf((e.corrected OR newly_in_scope) AND in_scope AND outcome = 'ok') AS corrected_valid,
            sum(e.collisions) AS collisions,
            sum(conflict) AS conflicts,
            sum(e.unsourced) AS unsourced,
            sumIf(e.records, e.unnamed) AS unnamed,
            sumMap(e.sources, arrayMap(source -> toUInt32(1), e.sources)) AS sources,
            sumMap(e.mended, arrayMap(field -> toUInt32(1), e.mended)) AS mended
        FROM effective_requests_as_of(as_of = {as_of:Int64}) AS e
        WHERE (service, minute) IN touched
        GROUP BY service, minute
    ),
    messages AS
    (
        SELECT
            service,
            minute,
            sum(e.records) AS records,
            countIf(in_scope AND outcome = 'ok') AS ok,
            countIf(in_scope AND outcome = 'platform') AS platform,
            countIf(in_scope AND outcome = 'operator') AS operator,
            countIf(in_scope AND outcome = 'customer') AS customer,
            countIf(in_scope AND outcome = 'content') AS content,
            countIf(in_scope AND outcome = 'recipient') AS recipient,
            countIf(in_scope AND outcome = 'unknown') AS unknown,
            countIf(in_scope AND outcome = 'claimed') AS claimed,
            countIf(in_scope AND outcome = 'accepted') AS accepted,
            countIf(in_scope AND outcome = 'enroute') AS enroute,
            countIf(NOT in_scope) AS out_of_scope,
            countIf(NOT in_scope AND outcome = 'ok') AS out_of_scope_ok,
            countIf(NOT in_scope AND outcome = 'platform') AS out_of_scope_platform,
            countIf(NOT in_scope AND outcome = 'unknown') AS out_of_scope_unknown,
            countIf(NOT in_scope AND outcome = 'claimed') AS out_of_scope_claimed,
            countIf(NOT in_scope AND outcome = 'accepted') AS out_of_scope_accepted,
            countIf(NOT in_scope AND outcome = 'enroute') AS out_of_scope_enroute,
            sum(e.heard) AS heard,
            countIf(e.corrected OR newly_in_scope) AS corrected,
            countIf(e.corrected AND NOT (in_scope AND outcome IN ('unknown', 'claimed'))) AS corrected_settled,
            countIf(e.corrected AND in_scope AND outcome = 'claimed') AS corrected_claimed,
            countIf((e.corrected OR newly_in_scope) AND in_scope AND outcome = 'ok') AS corrected_valid,
            sum(e.unsourced) AS unsourced,
            sumIf(e.records, e.unnamed) AS unnamed,
            sumMap(e.sources, arrayMap(source -> toUInt32(1), e.sources)) AS sources,
            sumMap(e.mended, arrayMap(field -> toUInt32(1), e.mended)) AS mended
        FROM effective_messages_as_of(as_of = {as_of:Int64}) AS e
        WHERE (service, minute) IN touched
        GROUP BY service, minute
    ),
    probes AS
    (
        SELECT
            service,
            minute,
            sum(p.records) AS records,
            sum(p.ok) AS ok,
            sum(p.failed) AS failed,
            countIf(p.ok > 0) AS vantages_ok,
            countIf(p.ok = 0) AS vantages_failed,
            sum(p.corrected) AS corrected,
            sum(p.conflicts) AS conflicts,
            sum(p.unnamed) AS unnamed,
            sumMap(p.mended.1, p.mended.2) AS mended
        FROM
        (
            SELECT
                service,
                minute,
                vantage,
                sum(e.records) AS records,
                sum(e.ok) AS ok,
                sum(NOT e.ok) AS failed,
                sum(e.corrected) AS corrected,
                sum(conflict) AS conflicts,
                sumIf(e.records, e.unnamed) AS unnamed,
                sumMap(e.mended, arrayMap(field -> toUInt32(1), e.mended)) AS mended
            FROM effective_probes_as_of(as_of = {as_of:Int64}) AS e
            WHERE (service, minute) IN touched
            GROUP BY service, minute, vantage
        ) AS p
        GROUP BY service, minute
    )
SELECT
    t.touched_service AS service,
    t.touched_minute AS minute,
    toUInt64(1099511627776) + records AS version,
    r.records + m.records + p.records AS records,
    r.ok AS requests_ok,
    r.platform AS requests_platform,
    r.operator AS requests_operator,
    r.customer AS requests_customer,
    r.content AS requests_content,
    r.recipient AS requests_recipient,
    r.unknown AS requests_unknown,
    r.claimed AS requests_claimed,
    r.out_of_scope AS requests_out_of_scope,
    r.out_of_scope_ok AS requests_out_of_scope_ok,
    r.out_of_scope_platform AS requests_out_of_scope_platform,
    r.out_of_scope_unknown AS requests_out_of_scope_unknown,
    r.out_of_scope_claimed AS requests_out_of_scope_claimed,
    r.heard AS requests_heard,
    r.corrected AS requests_corrected,
    r.corrected_settled AS requests_corrected_settled,
    r.corrected_claimed AS requests_corrected_claimed,
    r.corrected_valid AS requests_corrected_valid,
    r.collisions AS requests_collisions,
    m.ok AS messages_ok,
    m.platform AS messages_platform,
    m.operator AS messages_operator,
    m.customer AS messages_customer,
    m.content AS messages_content,
    m.recipient AS messages_recipient,
    m.unknown AS messages_unknown,
    m.claimed AS messages_claimed,
    m.accepted AS messages_accepted,
    m.enroute AS messages_enroute,
    m.out_of_scope AS messages_out_of_scope,
    m.out_of_scope_ok AS messages_out_of_scope_ok,
    m.out_of_scope_platform AS messages_out_of_scope_platform,
    m.out_of_scope_unknown AS messages_out_of_scope_unknown,
    m.out_of_scope_claimed AS messages_out_of_scope_claimed,
    m.out_of_scope_accepted AS messages_out_of_scope_accepted,
    m.out_of_scope_enroute AS messages_out_of_scope_enroute,
    m.heard AS messages_heard,
    m.corrected AS messages_corrected,
    m.corrected_settled AS messages_corrected_settled,
    m.corrected_claimed AS messages_corrected_claimed,
    m.corrected_valid AS messages_corrected_valid,
    p.ok AS probes_ok,
    p.failed AS probes_failed,
    p.vantages_ok AS vantages_ok,
    p.vantages_failed AS vantages_failed,
    p.corrected AS probes_corrected,
    r.conflicts + p.conflicts AS conflicts,
    r.unsourced + m.unsourced AS unsourced,
    r.unnamed + m.unnamed + p.unnamed AS unnamed,
    CAST(mapAdd(r.mended, m.mended, p.mended), 'Map(String, UInt32)') AS mended,
    CAST(r.sources, 'Map(String, UInt32)') AS request_sources,
    CAST(m.sources, 'Map(String, UInt32)') AS message_sources
FROM touched AS t
LEFT JOIN requests AS r ON r.service = t.touched_service AND r.minute = t.touched_minute
LEFT JOIN messages AS m ON m.service = t.touched_service AND m.minute = t.touched_minute
LEFT JOIN probes AS p ON p.service = t.touched_service AND p.minute = t.touched_minute
WHERE records > 0 AND toYYYYMM(minute) NOT IN (SELECT month FROM expirations WHERE dropped)
