-- A month as a worker last judged it, and what it was judged from; the stamp is that of the last look, if that found the
-- inputs as they were judged.
SELECT
    fingerprint,
    document,
    (
        SELECT any(stamp)
        FROM judgement_looks FINAL
        WHERE policy = {policy:String} AND month = {month:String} AND judgement_looks.fingerprint = judgements.fingerprint
    ) AS stamp
FROM judgements FINAL
WHERE policy = {policy:String} AND month = {month:String} AND service = 'platform'
