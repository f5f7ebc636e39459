-- What each claim was last told of each month that it touches, and when it was told that first (K2, K3).
CREATE OR REPLACE VIEW claim_states AS
SELECT
    claim_id, month,
    argMax(account_id, place) AS account_id,
    argMax(fee, place) AS fee,
    argMax(state, place) AS state,
    argMax(refusals, place) AS refusals,
    argMax(statement, place) AS statement,
    argMax(told_at, place) AS answered_at,
    min(told_at) AS first_answered_at
FROM
(
    SELECT *, answered_at AS told_at, (state != 'awaiting_month_close', statement, answered_at) AS place
    FROM claim_answers FINAL
)
GROUP BY claim_id, month
