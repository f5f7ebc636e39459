-- What a service-minute is made of: identities by outcome and reason, each with the first few as evidence, and where
-- in Kafka they were read.
SELECT of, outcome, reason, count() AS identities, arraySlice(arraySort(groupArray(100)(sample)), 1, {samples:UInt8}) AS samples
FROM
(
    SELECT
        'requests' AS of,
        if(in_scope, toString(outcome), 'out_of_scope') AS outcome,
        toString(reason) AS reason,
        (if(request_id = '', lower(hex(identity)), request_id), 'api.requests', read_at.1, read_at.2) AS sample
    FROM chosen_requests
    WHERE service = {service:String} AND minute = toDateTime({minute:UInt32}, 'UTC')
    UNION ALL
    SELECT
        'messages' AS of,
        if(in_scope, toString(outcome), 'out_of_scope') AS outcome,
        toString(reason) AS reason,
        (if(message_id = '', lower(hex(identity)), message_id), 'carrier.receipts', read_at.1, read_at.2) AS sample
    FROM chosen_messages
    WHERE service = {service:String} AND minute = toDateTime({minute:UInt32}, 'UTC')
    UNION ALL
    SELECT
        'probes' AS of,
        if(ok, 'ok', 'failed') AS outcome,
        'probe' AS reason,
        (probe_id, 'probes', read_at.1, read_at.2) AS sample
    FROM chosen_probes
    WHERE service = {service:String} AND minute = toDateTime({minute:UInt32}, 'UTC')
)
GROUP BY of, outcome, reason
ORDER BY of DESC, identities DESC, outcome, reason
