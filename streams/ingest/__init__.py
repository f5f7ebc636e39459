"""From a block of records to the ledger, to evaluated minutes, to a frontier."""
