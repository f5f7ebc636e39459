-- What the ledger counts of requests for service-minutes `touched` (`touched_*.sql`, before these words) that have any
-- (C1-C6, I1-I4), as known before `as_of` (broker timestamp, ms), in columns named as those of `minutes`. What counts for
-- an identity is decided by the view.
SELECT
    service,
    minute,
    sum(e.records) AS records,
    countIf(in_scope AND outcome = 'ok') AS requests_ok,
    countIf(in_scope AND outcome = 'platform') AS requests_platform,
    countIf(in_scope AND outcome = 'operator') AS requests_operator,
    countIf(in_scope AND outcome = 'customer') AS requests_customer,
    countIf(in_scope AND outcome = 'content') AS requests_content,
    countIf(in_scope AND outcome = 'recipient') AS requests_recipient,
    countIf(in_scope AND outcome = 'unknown') AS requests_unknown,
    countIf(in_scope AND outcome = 'claimed') AS requests_claimed,
    countIf(NOT in_scope) AS requests_out_of_scope,
    countIf(NOT in_scope AND outcome = 'ok') AS requests_out_of_scope_ok,
    countIf(NOT in_scope AND outcome = 'platform') AS requests_out_of_scope_platform,
    countIf(NOT in_scope AND outcome = 'unknown') AS requests_out_of_scope_unknown,
    countIf(NOT in_scope AND outcome = 'claimed') AS requests_out_of_scope_claimed,
    sum(e.heard) AS requests_heard,
    countIf(e.corrected OR newly_in_scope) AS requests_corrected,
    countIf(e.corrected AND NOT (in_scope AND outcome IN ('unknown', 'claimed'))) AS requests_corrected_settled,
    countIf(e.corrected AND in_scope AND outcome = 'claimed') AS requests_corrected_claimed,
    countIf((e.corrected OR newly_in_scope) AND in_scope AND outcome = 'ok') AS requests_corrected_valid,
    sum(e.collisions) AS requests_collisions,
    sum(conflict) AS conflicts,
    sum(e.unsourced) AS unsourced,
    sumIf(e.records, e.unnamed) AS unnamed,
    CAST(sumMap(e.sources, arrayMap(source -> toUInt32(1), e.sources)), 'Map(String, UInt32)') AS request_sources,
    CAST(sumMap(e.mended, arrayMap(field -> toUInt32(1), e.mended)), 'Map(String, UInt32)') AS mended
FROM effective_requests_as_of(as_of = {as_of:Int64}) AS e
WHERE (service, minute) IN touched
GROUP BY service, minute
