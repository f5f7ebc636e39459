-- Credit decisions as they stand, for the credit service: the topic `sla.credits` says the same (K4). What an account is
-- credited for a fee and month is the sum of `amount`, currency by currency.
CREATE OR REPLACE VIEW credits AS
SELECT
    account_id, fee, month, number, toString(decision_id) AS decision_id, kind, amount, due, currency, percent,
    claim_id, policy, statement, invoice_month
FROM credit_decisions FINAL
ORDER BY month, account_id, fee, number
