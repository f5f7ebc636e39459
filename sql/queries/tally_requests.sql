-- What rows of requests say of the service-minutes `touched` (`touched_*.sql`, before these words), tallied. `is_plain`:
-- every row is of an identity of its own, so nothing among them can replace, repeat or contradict another, and the
-- tallies are the counts (I2-I4). Identities are told apart by their first 8 bytes; two that share these make a minute
-- seem less plain than it is, never more. Rows are read once: the tallies and their proof are of the same ones.
SELECT
    service,
    minute,
    sum(tallied) AS records,
    uniqExactMerge(identities) = records AS is_plain,
    groupArray(scoped) AS in_scope,
    groupArray(toUInt8(outcome)) AS outcomes,
    groupArray(toString(source)) AS sources,
    groupArray(unnamed) AS is_unnamed,
    groupArray(toString(mended)) AS mended_fields,
    groupArray(tallied) AS numbers
FROM
(
    SELECT
        service,
        minute,
        stage = 'ga' AND plan = 'paid' AS scoped,
        outcome,
        source,
        unnamed,
        mended,
        count() AS tallied,
        uniqExactState(reinterpretAsUInt64(identity)) AS identities
    FROM ledger_requests
    WHERE (service, minute) IN touched
    GROUP BY service, minute, scoped, outcome, source, unnamed, mended
)
GROUP BY service, minute
