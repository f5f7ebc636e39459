-- The same as `count_requests.sql` of messages, of which receipts tell.
SELECT
    service,
    minute,
    sum(e.records) AS records,
    countIf(in_scope AND outcome = 'ok') AS messages_ok,
    countIf(in_scope AND outcome = 'platform') AS messages_platform,
    countIf(in_scope AND outcome = 'operator') AS messages_operator,
    countIf(in_scope AND outcome = 'customer') AS messages_customer,
    countIf(in_scope AND outcome = 'content') AS messages_content,
    countIf(in_scope AND outcome = 'recipient') AS messages_recipient,
    countIf(in_scope AND outcome = 'unknown') AS messages_unknown,
    countIf(in_scope AND outcome = 'claimed') AS messages_claimed,
    countIf(in_scope AND outcome = 'accepted') AS messages_accepted,
    countIf(in_scope AND outcome = 'enroute') AS messages_enroute,
    countIf(NOT in_scope) AS messages_out_of_scope,
    countIf(NOT in_scope AND outcome = 'ok') AS messages_out_of_scope_ok,
    countIf(NOT in_scope AND outcome = 'platform') AS messages_out_of_scope_platform,
    countIf(NOT in_scope AND outcome = 'unknown') AS messages_out_of_scope_unknown,
    countIf(NOT in_scope AND outcome = 'claimed') AS messages_out_of_scope_claimed,
    countIf(NOT in_scope AND outcome = 'accepted') AS messages_out_of_scope_accepted,
    countIf(NOT in_scope AND outcome = 'enroute') AS messages_out_of_scope_enroute,
    sum(e.heard) AS messages_heard,
    countIf(e.corrected OR newly_in_scope) AS messages_corrected,
    countIf(e.corrected AND NOT (in_scope AND outcome IN ('unknown', 'claimed'))) AS messages_corrected_settled,
    countIf(e.corrected AND in_scope AND outcome = 'claimed') AS messages_corrected_claimed,
    countIf((e.corrected OR newly_in_scope) AND in_scope AND outcome = 'ok') AS messages_corrected_valid,
    sum(e.unsourced) AS unsourced,
    sumIf(e.records, e.unnamed) AS unnamed,
    CAST(sumMap(e.sources, arrayMap(source -> toUInt32(1), e.sources)), 'Map(String, UInt32)') AS message_sources,
    CAST(sumMap(e.mended, arrayMap(field -> toUInt32(1), e.mended)), 'Map(String, UInt32)') AS mended
FROM effective_messages_as_of(as_of = {as_of:Int64}) AS e
WHERE (service, minute) IN touched
GROUP BY service, minute
