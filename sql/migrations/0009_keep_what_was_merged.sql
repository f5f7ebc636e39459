-- What was merged stays for a while, as ClickHouse itself has it by default: a merge is not flushed to disk before it
-- counts, and a disk that is full or a machine that stops can leave it with its files cut short. A part found broken is
-- then set aside for those it was made from, and no record is lost. The embedded engine's own default is to drop them
-- at once.

ALTER TABLE ledger_requests MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE ledger_receipts MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE ledger_probes MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE declarations MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE manifests MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE accounts MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE tickets MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE templates MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE claims MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE dead_letters MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE blocks MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE minutes MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE frontiers MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE listings MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE policies MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE input_topics MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE calendar MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE statements MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE amendments MODIFY SETTING old_parts_lifetime = 480;

ALTER TABLE expirations MODIFY SETTING old_parts_lifetime = 480;
