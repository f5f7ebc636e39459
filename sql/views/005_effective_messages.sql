-- Each message or call by the receipt that counts, as all is known now, with what that receipt tells:
-- `effective_messages_as_of` without a cut, and the rest of its columns.
CREATE OR REPLACE VIEW effective_messages AS
SELECT
    e.*,
    if(e.held, 'rule:held', r.reason) AS reason,
    r.account_id AS account_id,
    r.plan AS plan,
    r.region AS region,
    r.operator AS operator,
    r.state AS state,
    r.code_system AS code_system,
    r.code AS code,
    r.template AS template,
    r.submitted_ms AS submitted_ms,
    r.time AS time,
    r.resolution_us AS resolution_us,
    r.connect_us AS connect_us,
    r.duration_us AS duration_us,
    r.hd_us AS hd_us,
    r.message_id AS message_id
FROM effective_messages_as_of(as_of = 9223372036854775807) AS e
ANY INNER JOIN ledger_receipts AS r
    ON r.service = e.service AND r.minute = e.minute AND r.identity = e.identity AND r.content = e.content
