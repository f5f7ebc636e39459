-- Merges write all columns of a row together. Column by column (the default for wide tables) costs a third more of the
-- processor's time here: there are few columns, and hashes are most of their bytes.

ALTER TABLE ledger_requests MODIFY SETTING enable_vertical_merge_algorithm = 0;

ALTER TABLE ledger_receipts MODIFY SETTING enable_vertical_merge_algorithm = 0;
