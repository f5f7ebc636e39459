-- Of each request, as known before `as_of` (broker timestamp, ms), the record that counts: its greatest by the order of
-- I2, which depends on content alone: higher revision, in scope, outcome in doubt against us, greater hash of the record.
-- Beside it what all records of the identity say: how many distinct ones there are (`records`); whether any is valid and
-- in scope (`heard`, I4); `conflict` and `collisions` (I3); whether it is `corrected` in our favour by a higher revision,
-- or `newly_in_scope` (I4); whether any names no source (`unsourced`), and which sources those of its lowest revision
-- name (`sources`, B3); and the optional fields that could not be read, a name for each record (`mended`, B3).
CREATE OR REPLACE VIEW effective_requests_as_of AS
WITH
    notEmpty(several) AS is_disputed,
    arrayFilter(one -> one.1 < several[-1].1, several) AS earlier,
    arrayDistinct(arrayMap(one -> (one.1, one.6), several)) AS asked
SELECT
    service,
    minute,
    identity,
    if(is_disputed, several[-1].2, any_in_scope) AS in_scope,
    if(is_disputed, several[-1].5, any_outcome) AS outcome,
    if(is_disputed, several[-1].4, any_content) AS content,
    greatest(length(several), 1) AS records,
    heard,
    length(arrayDistinct(arrayMap(one -> (one.1, one.6, one.7, one.8), several))) > length(asked) AS conflict,
    if(is_disputed AND in_scope, arrayMax(arrayEnumerateUniq(asked.1)) - 1, 0) AS collisions,
    -- A record of a lower revision stands by its outcome; below all others if both it and what counts are out of scope.
    arrayExists(one -> if(several[-1].2, one.3 > several[-1].3, one.2), earlier) AS corrected,
    in_scope AND outcome = 'ok' AND arrayExists(one -> NOT one.2, earlier) AS newly_in_scope,
    unsourced,
    arrayFilter(
        name -> name != '',
        if(is_disputed, arrayDistinct(arrayFilter(one -> one.1 = several[1].1, several).8), [any_source])) AS sources,
    unnamed,
    arrayFilter(
        name -> name != '',
        arrayFlatten(arrayMap(names -> splitByChar(',', names), if(is_disputed, several.9, [any_mended])))) AS mended
FROM
(
    SELECT
        service,
        minute,
        identity,
        any(scoped) AS any_in_scope,
        any(outcome) AS any_outcome,
        any(content) AS any_content,
        any(source) AS any_source,
        groupArray((revision, scoped, doubt, content, outcome, (minute_ms, account_id), (status, error, stage, plan), source, mended)) AS read,
        -- Nearly all identities have one record. Of others all distinct ones, ascending: tuples compare by their first
        -- elements, which are the order.
        arraySort(arrayDistinct(if(min(content) = max(content), [], read))) AS several,
        max(valid) AS heard,
        max(source = '') AS unsourced,
        max(unnamed_) AS unnamed,
        any(mended) AS any_mended
    FROM
    (
        SELECT
            *,
            unnamed AS unnamed_,
            stage = 'ga' AND plan = 'paid' AS scoped,
            scoped AND outcome IN ('ok', 'platform') AS valid,
            multiIf(outcome = 'ok', 0, outcome = 'platform', 4, outcome = 'unknown', 3, outcome = 'claimed', 2, 1) AS doubt
        FROM ledger_requests
        WHERE toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    )
    GROUP BY service, minute, identity
)
