-- Of each message or call, as known before `as_of` (broker timestamp, ms), the receipt that counts: its greatest by the
-- order of I2: in scope before not; then rank (2 delivered, 1 other ends, 0 on the way); in rank 1 with a code before
-- without; then the later time, in rank 2 the earlier; then the hash. Of an e-mail, where some bounced after its first
-- delivery, the greatest of these bounces; all in scope, if any receipt is.
-- A message that a carrier had too late is the platform's, whatever came after: `held` (C3); one that is pending was
-- handed over if any of its receipts shows it, whichever counts. The other columns are those
-- of `effective_requests_as_of`; `corrected` is by another final receipt, `newly_in_scope` by any other (I4).
CREATE OR REPLACE VIEW effective_messages_as_of AS
WITH
    -- What `precedence` is made of, from its highest bits to its lowest.
    precedence -> bitShiftRight(precedence, 127) AS scope_of,
    precedence -> bitAnd(bitShiftRight(precedence, 125), 3) AS rank_of,
    precedence -> bitAnd(bitShiftRight(precedence, 68), 72057594037927935) AS time_of,
    precedence -> toUInt64(bitAnd(bitShiftRight(precedence, 4), 18446744073709551615)) AS content_of,
    precedence -> toInt8(bitAnd(precedence, 15)) AS outcome_of,
    bounce -> scope_of(bounce) = scope_of(greatest) AND time_of(bounce) > 72057594037927935 - time_of(greatest) AS came_after,
    service = 'email' AND rank_of(greatest) = 2 AS is_delivered_email,
    multiIf(
        is_delivered_email AND came_after(coded_bounce), coded_bounce,
        is_delivered_email AND came_after(uncoded_bounce), uncoded_bounce,
        greatest) AS effective,
    multiIf(outcome = 'ok', 0, outcome = 'platform', 4, outcome = 'unknown', 3, outcome = 'claimed', 2, 1) AS effective_doubt
SELECT
    service,
    minute,
    identity,
    toUInt8(scope_of(effective)) AS in_scope,
    held,
    CAST(
        multiIf(held, 1, outcome_of(effective) = 7 AND any_enroute, 8, outcome_of(effective)),
        'Enum8(''ok'' = 0, ''platform'' = 1, ''operator'' = 2, ''customer'' = 3, ''content'' = 4, ''recipient'' = 5, ''unknown'' = 6, ''accepted'' = 7, ''enroute'' = 8, ''claimed'' = 9)') AS outcome,
    content_of(effective) AS content,
    records,
    any_valid OR held AND in_scope AS heard,
    in_scope AND rank_of(effective) > 0 AND final_doubt > effective_doubt AS corrected,
    in_scope AND outcome = 'ok' AND NOT all_in_scope AS newly_in_scope,
    unsourced,
    arrayDistinct(named_sources) AS sources,
    unnamed,
    arrayFlatten(arrayMap(one -> splitByChar(',', one.2), arrayDistinct(mended_records))) AS mended
FROM
(
    SELECT
        service,
        minute,
        identity,
        max(precedence) AS greatest,
        maxIf(precedence, coded) AS coded_bounce,
        maxIf(precedence, rank = 1 AND NOT coded) AS uncoded_bounce,
        -- Of several receipts of the time at which a carrier first had it, any that is too late.
        min(if(carried, time_ms * 2 + NOT late, 9223372036854775807)) % 2 = 0 AS held,
        uniqExact(content) AS records,
        max(valid) AS any_valid,
        max(state = 'enroute') AS any_enroute,
        min(scoped) AS all_in_scope,
        maxIf(doubt, rank > 0) AS final_doubt,
        max(source = '') AS unsourced,
        groupArrayIf(source, source != '') AS named_sources,
        max(unnamed_) AS unnamed,
        groupArrayIf((content, mended), mended != '') AS mended_records
    FROM
    (
        WITH (SELECT max(handover_within_ms) FROM counting_rules) AS handover_within_ms
        SELECT
            *,
            unnamed AS unnamed_,
            stage = 'ga' AND plan = 'paid' AS scoped,
            scoped AND outcome IN ('ok', 'platform') AS valid,
            multiIf(outcome = 'ok', 0, outcome = 'platform', 4, outcome = 'unknown', 3, outcome = 'claimed', 2, 1) AS doubt,
            multiIf(state = 'delivered', 2, state IN ('accepted', 'enroute'), 0, 1) AS rank,
            rank = 1 AND code != '' AS coded,
            toUnixTimestamp64Milli(time) AS time_ms,
            state IN ('enroute', 'delivered') OR coded AND code_system != 'platform' AS carried,
            (time_ms - toInt64(toUInt32(minute)) * 1000 - submitted_ms - assumeNotNull(handover_within_ms)) * 1000 > resolution_us AS late,
            toUInt64(if(rank = 2, 72057594037927935 - time_ms, time_ms)) AS time_order,
            bitShiftLeft(toUInt128(scoped * 8 + rank * 2 + coded), 124) + bitShiftLeft(toUInt128(time_order), 68)
                + bitShiftLeft(toUInt128(content), 4) + toUInt8(outcome) AS precedence
        FROM ledger_receipts
        WHERE toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    )
    GROUP BY service, minute, identity
)
