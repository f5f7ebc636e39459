-- Editions of the contract by which the outcomes of the whole ledger have been decided: `zecto-sla migrate` decides those
-- of rows written before once, and says so here when it is done.
CREATE TABLE IF NOT EXISTS decided_outcomes
(
    edition     UInt8,
    decided_at  DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY edition;
