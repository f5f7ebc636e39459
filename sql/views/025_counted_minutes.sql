-- Counts of a service-minute as the contract reads them: what is still pending once the receipts' frontier has passed
-- the minute's end by the policy's wait is unknown if a carrier had it, and ours if none ever took it (C3).
CREATE OR REPLACE VIEW counted_minutes AS
WITH
    (SELECT toInt64(receipt_wait_ms) FROM policies FINAL WHERE policy_id = {policy:String}) AS receipt_wait_ms_,
    (SELECT tuple(toUnixTimestamp64Milli(min(frontier)), toUnixTimestamp64Milli(maxIf(frontier, topic = 'carrier.receipts'))) FROM topic_frontiers) AS seen_ms,
    seen_ms.2 >= toInt64(toUInt32(minute)) * 1000 + 60000 + receipt_wait_ms_ AS waited
SELECT
    service,
    minute,
    version,
    requests_ok, requests_platform, requests_operator, requests_customer, requests_content, requests_recipient,
    requests_unknown, requests_out_of_scope,
    messages_ok,
    messages_platform + if(waited, messages_accepted, 0) AS messages_platform,
    messages_operator, messages_customer, messages_content, messages_recipient,
    messages_unknown + if(waited, messages_enroute, 0) AS messages_unknown,
    if(waited, 0, messages_accepted + messages_enroute) AS messages_pending,
    messages_out_of_scope,
    probes_ok, probes_failed, conflicts, unsourced, request_sources, message_sources,
    requests_ok + requests_platform AS requests_valid,
    m.messages_ok + messages_platform AS messages_valid,
    requests_ok + requests_platform + requests_operator + requests_customer + requests_content + requests_recipient
        + requests_unknown + requests_out_of_scope
        + m.messages_ok + m.messages_platform + m.messages_operator + m.messages_customer + m.messages_content
        + m.messages_recipient + m.messages_unknown + m.messages_accepted + m.messages_enroute
        + m.messages_out_of_scope AS identities
FROM stored_minutes AS m
