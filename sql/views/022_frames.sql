-- What the views of a month are made with, one row: the policy's numbers, and the month in seconds since the epoch.
-- They ask for it by the same words, so that a query which is made of several asks once.
CREATE OR REPLACE VIEW frames AS
SELECT
    p.zone AS zone,
    p.effective_from AS effective_from,
    toUInt64(p.failure_ratio.numerator) AS ratio_numerator,
    toUInt64(p.failure_ratio.denominator) AS ratio_denominator,
    p.failures_at_least AS failures_at_least,
    toInt64(p.grace_ms) AS grace_ms,
    toInt64(p.receipt_wait_ms) AS receipt_wait_ms,
    toInt64(p.maintenance_notice_ms) AS maintenance_notice_ms,
    toString(p.unproven_notice) AS unproven_notice,
    p.emergency_minutes AS emergency_minutes,
    p.silence_expected AS silence_expected,
    p.silence_minutes_before AS silence_minutes_before,
    p.silence_max_minutes AS silence_max_minutes,
    p.hole_max_minutes AS hole_max_minutes,
    p.lost_lead_ms AS lost_lead_ms,
    toUInt64(p.blind_tolerance.numerator) AS blind_numerator,
    toUInt64(p.blind_tolerance.denominator) AS blind_denominator,
    toString(p.excluded) AS excluded,
    p.tiers AS tiers,
    toUInt32(c.start) AS month_start,
    toUInt32(c.end) AS month_end,
    c.total_minutes AS total_minutes
FROM (SELECT * FROM policies FINAL WHERE policy_id = {policy:String}) AS p
INNER JOIN (SELECT * FROM calendar FINAL WHERE month = {month:String}) AS c ON c.zone = p.zone
