-- What each claim was last told of each month that it touches, and when it was told that first (K2, K3). A claim that
-- could not be read has no month, and is told why.
CREATE OR REPLACE VIEW claim_states AS
SELECT
    account_id, claim_id, dead_letter, month,
    argMax(fees, place) AS fees,
    argMax(state, place) AS state,
    argMax(refusals, place) AS refusals,
    argMax(told_of, place) AS statement,
    argMax(told_at, place) AS answered_at,
    min(told_at) AS first_answered_at
FROM
(
    SELECT
        * EXCEPT (statement), statement AS told_of, answered_at AS told_at,
        (state != 'awaiting_month_close', answered_at, ifNull(statement, 0)) AS place
    FROM answers_to_claims FINAL
)
GROUP BY account_id, claim_id, dead_letter, month
