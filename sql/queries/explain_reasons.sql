-- What service-minutes are made of, as known before `as_of` (broker timestamp, ms): identities by outcome and reason,
-- each with the first few as evidence: where in Kafka the record that counts was read first, when the broker stamped it,
-- and the hash of its bytes. `minutes` are seconds since the epoch, all of them within [first, last].
SELECT
    toUInt32(minute) AS at_s,
    of,
    outcome,
    reason,
    any(found) AS identities,
    arraySort(groupArrayIf((id, topic, place.2, place.3, place.1, content), nth <= {samples:UInt32})) AS samples
FROM
(
    SELECT
        *,
        count() OVER (PARTITION BY minute, of, outcome, reason) AS found,
        row_number() OVER (PARTITION BY minute, of, outcome, reason ORDER BY id, content) AS nth
    FROM
    (
        SELECT
            'requests' AS of,
            'api.requests' AS topic,
            c.minute AS minute,
            if(c.in_scope, toString(c.outcome), 'out_of_scope') AS outcome,
            toString(r.reason) AS reason,
            if(r.request_id = '', lower(hex(c.identity)), r.request_id) AS id,
            c.content AS content,
            r.place AS place
        FROM effective_requests_as_of(as_of = {as_of:Int64}) AS c
        INNER JOIN
        (
            SELECT
                minute, identity, content, any(reason) AS reason, any(request_id) AS request_id,
                min((toUnixTimestamp64Milli(recorded_at), partition, offset)) AS place
            FROM ledger_requests
            WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
                AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
            GROUP BY minute, identity, content
        ) AS r ON r.minute = c.minute AND r.identity = c.identity AND r.content = c.content
        WHERE c.service = {service:String} AND c.minute >= toDateTime({first:UInt32}, 'UTC')
            AND c.minute <= toDateTime({last:UInt32}, 'UTC')
        UNION ALL
        SELECT
            'messages' AS of,
            'carrier.receipts' AS topic,
            c.minute AS minute,
            if(c.in_scope, toString(c.outcome), 'out_of_scope') AS outcome,
            if(c.held, 'rule:held', toString(r.reason)) AS reason,
            if(r.message_id = '', lower(hex(c.identity)), r.message_id) AS id,
            c.content AS content,
            r.place AS place
        FROM effective_messages_as_of(as_of = {as_of:Int64}) AS c
        INNER JOIN
        (
            SELECT
                minute, identity, content, any(reason) AS reason, any(message_id) AS message_id,
                min((toUnixTimestamp64Milli(recorded_at), partition, offset)) AS place
            FROM ledger_receipts
            WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
                AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
            GROUP BY minute, identity, content
        ) AS r ON r.minute = c.minute AND r.identity = c.identity AND r.content = c.content
        WHERE c.service = {service:String} AND c.minute >= toDateTime({first:UInt32}, 'UTC')
            AND c.minute <= toDateTime({last:UInt32}, 'UTC')
        UNION ALL
        SELECT
            'probes' AS of,
            'probes' AS topic,
            c.minute AS minute,
            if(c.ok, 'ok', 'failed') AS outcome,
            'probe' AS reason,
            c.probe_id AS id,
            c.content AS content,
            r.place AS place
        FROM effective_probes_as_of(as_of = {as_of:Int64}) AS c
        INNER JOIN
        (
            SELECT
                minute, vantage, identity, content,
                min((toUnixTimestamp64Milli(recorded_at), partition, offset)) AS place
            FROM ledger_probes
            WHERE service = {service:String} AND minute >= toDateTime({first:UInt32}, 'UTC')
                AND minute <= toDateTime({last:UInt32}, 'UTC') AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
            GROUP BY minute, vantage, identity, content
        ) AS r ON r.minute = c.minute AND r.vantage = c.vantage AND r.identity = c.identity AND r.content = c.content
        WHERE c.service = {service:String} AND c.minute >= toDateTime({first:UInt32}, 'UTC')
            AND c.minute <= toDateTime({last:UInt32}, 'UTC')
    )
    WHERE toUInt32(minute) IN {minutes:Array(UInt32)}
)
GROUP BY at_s, of, outcome, reason
ORDER BY at_s, of DESC, identities DESC, outcome, reason
