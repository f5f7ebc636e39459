-- The columns of `minutes`, in the order of `count_minutes`, whose text follows these words in an evaluation.
INSERT INTO minutes
(
    service, minute, version, records, requests_ok, requests_platform, requests_operator, requests_customer,
    requests_content, requests_recipient, requests_unknown, requests_claimed, requests_out_of_scope,
    requests_out_of_scope_ok, requests_out_of_scope_platform, requests_out_of_scope_unknown,
    requests_out_of_scope_claimed, requests_heard, requests_corrected, requests_corrected_settled,
    requests_corrected_claimed, requests_corrected_valid, requests_collisions, messages_ok, messages_platform,
    messages_operator, messages_customer, messages_content, messages_recipient, messages_unknown, messages_claimed,
    messages_accepted, messages_enroute, messages_out_of_scope, messages_out_of_scope_ok,
    messages_out_of_scope_platform, messages_out_of_scope_unknown, messages_out_of_scope_claimed,
    messages_out_of_scope_accepted, messages_out_of_scope_enroute, messages_heard, messages_corrected,
    messages_corrected_settled, messages_corrected_claimed, messages_corrected_valid, probes_ok, probes_failed,
    vantages_ok, vantages_failed, probes_corrected, conflicts, unsourced, unnamed, mended, request_sources,
    message_sources
)
