-- Counts of every service-minute that the given blocks touched, from the ledger as it is now (C1-C6, I2, I3).
-- What counts for an identity is decided by the views chosen_*; 255 stands for out of scope beside the outcomes' numbers.
-- `version` counts distinct records; it grows with the set, so an older evaluation that lands late never wins. Where
-- the set itself has expired nothing is counted again.
INSERT INTO minutes
(
    service, minute, version,
    requests_ok, requests_platform, requests_operator, requests_customer, requests_content, requests_recipient,
    requests_unknown, requests_out_of_scope,
    messages_ok, messages_platform, messages_operator, messages_customer, messages_content, messages_recipient,
    messages_unknown, messages_accepted, messages_enroute, messages_out_of_scope,
    probes_ok, probes_failed, conflicts, unsourced, request_sources, message_sources
)
WITH
    touched AS
    (
        SELECT DISTINCT touched_service, touched_minute
        FROM blocks
        ARRAY JOIN touched_service, touched_minute
        WHERE (topic_id, partition, first) IN {blocks:Array(Tuple(String, UInt32, UInt64))}
            AND toYYYYMM(touched_minute) NOT IN (SELECT month FROM expirations WHERE dropped)
    ),
    sources AS
    (
        SELECT service, minute, 'requests' AS of, toString(source) AS name, uniqExact(identity) AS identities
        FROM ledger_requests
        WHERE (service, minute) IN touched AND source != ''
        GROUP BY service, minute, source
        UNION ALL
        SELECT service, minute, 'messages' AS of, toString(source) AS name, uniqExact(identity) AS identities
        FROM ledger_receipts
        WHERE (service, minute) IN touched AND source != ''
        GROUP BY service, minute, source
    ),
    tallied AS
    (
        SELECT
            service, minute, 'requests' AS of, if(in_scope, toUInt8(outcome), 255) AS chosen,
            records, conflict, unsourced
        FROM chosen_requests
        WHERE (service, minute) IN touched
        UNION ALL
        SELECT
            service, minute, 'messages' AS of, if(in_scope, toUInt8(outcome), 255) AS chosen,
            records, conflict, unsourced
        FROM chosen_messages
        WHERE (service, minute) IN touched
        UNION ALL
        SELECT service, minute, 'probes' AS of, toUInt8(ok) AS chosen, records, conflict, 0 AS unsourced
        FROM chosen_probes
        WHERE (service, minute) IN touched
    )
SELECT
    t.service AS service,
    t.minute AS minute,
    t.version AS version,
    t.counts[1], t.counts[2], t.counts[3], t.counts[4], t.counts[5], t.counts[6], t.counts[7], t.counts[8],
    t.counts[9], t.counts[10], t.counts[11], t.counts[12], t.counts[13], t.counts[14], t.counts[15],
    t.counts[16], t.counts[17], t.counts[18],
    t.counts[19], t.counts[20],
    t.conflicts, t.unsourced,
    s.request_sources, s.message_sources
FROM
(
    SELECT
        service,
        minute,
        sum(records) AS version,
        [
            countIf(of = 'requests' AND chosen = 0), countIf(of = 'requests' AND chosen = 1),
            countIf(of = 'requests' AND chosen = 2), countIf(of = 'requests' AND chosen = 3),
            countIf(of = 'requests' AND chosen = 4), countIf(of = 'requests' AND chosen = 5),
            countIf(of = 'requests' AND chosen = 6), countIf(of = 'requests' AND chosen = 255),
            countIf(of = 'messages' AND chosen = 0), countIf(of = 'messages' AND chosen = 1),
            countIf(of = 'messages' AND chosen = 2), countIf(of = 'messages' AND chosen = 3),
            countIf(of = 'messages' AND chosen = 4), countIf(of = 'messages' AND chosen = 5),
            countIf(of = 'messages' AND chosen = 6), countIf(of = 'messages' AND chosen = 7),
            countIf(of = 'messages' AND chosen = 8), countIf(of = 'messages' AND chosen = 255),
            countIf(of = 'probes' AND chosen = 1), countIf(of = 'probes' AND chosen = 0)
        ] AS counts,
        countIf(conflict) AS conflicts,
        sum(unsourced) AS unsourced
    FROM tallied
    GROUP BY service, minute
) AS t
LEFT JOIN
(
    SELECT
        service,
        minute,
        mapFromArrays(
            arrayMap(x -> x.1, arraySort(groupArrayIf((name, toUInt32(identities)), of = 'requests')) AS r),
            arrayMap(x -> x.2, r)) AS request_sources,
        mapFromArrays(
            arrayMap(x -> x.1, arraySort(groupArrayIf((name, toUInt32(identities)), of = 'messages')) AS m),
            arrayMap(x -> x.2, m)) AS message_sources
    FROM sources
    GROUP BY service, minute
) AS s ON s.service = t.service AND s.minute = t.minute
