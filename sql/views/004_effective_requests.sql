-- Each request by the record that counts, as all is known now, with what that record tells: `effective_requests_as_of`
-- without a cut, and the rest of its columns.
CREATE OR REPLACE VIEW effective_requests AS
SELECT
    e.*,
    r.reason AS reason,
    r.account_id AS account_id,
    r.plan AS plan,
    r.region AS region,
    r.route AS route,
    r.status AS status,
    r.error AS error,
    r.duration_us AS duration_us,
    r.total_us AS total_us,
    r.minute_ms AS minute_ms,
    r.request_id AS request_id
FROM effective_requests_as_of(as_of = 9223372036854775807) AS e
ANY INNER JOIN ledger_requests AS r
    ON r.service = e.service AND r.minute = e.minute AND r.identity = e.identity AND r.content = e.content
