-- Counts of every service-minute that the given blocks touched, or that is named (by its service's number and its
-- second), from the ledger as it is now (C1-C6, I2, I3).
-- What counts for an identity is decided by the views effective_*; 255 stands for out of scope beside the outcomes' numbers.
-- `version` counts distinct records; it grows with the set, so an older evaluation that lands late never wins. Where
-- the set itself has expired nothing is counted again. The same SELECT counts minutes as known at a cut (sql/as_of.py).
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
        FROM
        (
            SELECT touched_service, touched_minute
            FROM blocks
            ARRAY JOIN touched_service, touched_minute
            WHERE (topic_id, partition, first) IN {blocks:Array(Tuple(String, UInt32, UInt64))}
            UNION ALL
            SELECT
                CAST(named.1, 'Enum8(''sms'' = 1, ''voice'' = 2, ''whatsapp'' = 3, ''email'' = 4)') AS touched_service,
                toDateTime(named.2, 'UTC') AS touched_minute
            FROM (SELECT arrayJoin({minutes:Array(Tuple(Int8, UInt32))}) AS named)
        )
        WHERE toYYYYMM(touched_minute) NOT IN (SELECT month FROM expirations WHERE dropped)
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
            count() AS identities, sum(records) AS held, countIf(conflict) AS contradicted, sum(unsourced) AS unnamed
        FROM effective_requests
        WHERE (service, minute) IN touched
        GROUP BY service, minute, chosen
        UNION ALL
        SELECT
            service, minute, 'messages' AS of, if(in_scope, toUInt8(outcome), 255) AS chosen,
            count() AS identities, sum(records) AS held, countIf(conflict) AS contradicted, sum(unsourced) AS unnamed
        FROM effective_messages
        WHERE (service, minute) IN touched
        GROUP BY service, minute, chosen
        UNION ALL
        SELECT
            service, minute, 'probes' AS of, toUInt8(ok) AS chosen,
            count() AS identities, sum(records) AS held, countIf(conflict) AS contradicted, 0 AS unnamed
        FROM effective_probes
        WHERE (service, minute) IN touched
        GROUP BY service, minute, chosen
    )
SELECT
    t.service AS service,
    t.minute AS minute,
    t.version AS version,
    t.counts[1] AS requests_ok,
    t.counts[2] AS requests_platform,
    t.counts[3] AS requests_operator,
    t.counts[4] AS requests_customer,
    t.counts[5] AS requests_content,
    t.counts[6] AS requests_recipient,
    t.counts[7] AS requests_unknown,
    t.counts[8] AS requests_out_of_scope,
    t.counts[9] AS messages_ok,
    t.counts[10] AS messages_platform,
    t.counts[11] AS messages_operator,
    t.counts[12] AS messages_customer,
    t.counts[13] AS messages_content,
    t.counts[14] AS messages_recipient,
    t.counts[15] AS messages_unknown,
    t.counts[16] AS messages_accepted,
    t.counts[17] AS messages_enroute,
    t.counts[18] AS messages_out_of_scope,
    t.counts[19] AS probes_ok,
    t.counts[20] AS probes_failed,
    t.conflicts AS conflicts,
    t.unsourced AS unsourced,
    s.request_sources AS request_sources,
    s.message_sources AS message_sources
FROM
(
    SELECT
        service,
        minute,
        sum(held) AS version,
        [
            sumIf(identities, of = 'requests' AND chosen = 0), sumIf(identities, of = 'requests' AND chosen = 1),
            sumIf(identities, of = 'requests' AND chosen = 2), sumIf(identities, of = 'requests' AND chosen = 3),
            sumIf(identities, of = 'requests' AND chosen = 4), sumIf(identities, of = 'requests' AND chosen = 5),
            sumIf(identities, of = 'requests' AND chosen = 6), sumIf(identities, of = 'requests' AND chosen = 255),
            sumIf(identities, of = 'messages' AND chosen = 0), sumIf(identities, of = 'messages' AND chosen = 1),
            sumIf(identities, of = 'messages' AND chosen = 2), sumIf(identities, of = 'messages' AND chosen = 3),
            sumIf(identities, of = 'messages' AND chosen = 4), sumIf(identities, of = 'messages' AND chosen = 5),
            sumIf(identities, of = 'messages' AND chosen = 6), sumIf(identities, of = 'messages' AND chosen = 7),
            sumIf(identities, of = 'messages' AND chosen = 8), sumIf(identities, of = 'messages' AND chosen = 255),
            sumIf(identities, of = 'probes' AND chosen = 1), sumIf(identities, of = 'probes' AND chosen = 0)
        ] AS counts,
        sum(contradicted) AS conflicts,
        sum(unnamed) AS unsourced
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
