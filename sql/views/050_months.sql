-- The month of each service: minutes by state (V4), bounds (B4), uptime and tier (M1, M2, X5), all in whole minutes.
-- Percentages are strings of four decimals, rounded down, so that a display never reaches a target that is missed.
CREATE OR REPLACE VIEW months AS
WITH
    (SELECT * FROM frames(month = {month:String}, policy = {policy:String})) AS frame,
    (x, of) -> if(of = 0, toUInt64(1000000), intDiv(toUInt64(x) * 1000000, greatest(toUInt64(of), toUInt64(1)))) AS ten_thousandths,
    (x, of) -> concat(
        toString(intDiv(ten_thousandths(x, of), 10000)), '.',
        leftPad(toString(ten_thousandths(x, of) % 10000), 4, '0')) AS percent
SELECT
    service,
    frame.total_minutes AS total_minutes,
    countIf(state = 'good') AS good_minutes,
    countIf(state = 'down') AS down_minutes,
    sum(down_low) AS down_minutes_low,
    sum(down_high) AS down_minutes_high,
    CAST(sumMapIf(map(kind, toUInt64(1)), state = 'excluded'), 'Map(String, UInt64)') AS excluded_minutes,
    countIf(state = 'idle') AS idle_minutes,
    countIf(state = 'blind') AS blind_minutes,
    countIf(state = 'pending') AS pending_minutes,
    countIf(state = 'excluded') AS excluded_total,
    if(frame.excluded = 'removed', total_minutes - excluded_total, total_minutes) AS counted_minutes_,
    percent(counted_minutes_ - down_minutes, counted_minutes_) AS uptime,
    percent(counted_minutes_ - down_minutes_high, counted_minutes_) AS uptime_low,
    percent(counted_minutes_ - down_minutes_low, counted_minutes_) AS uptime_high,
    blind_minutes * frame.blind_denominator > frame.blind_numerator * total_minutes AS blind_counts,
    counted_minutes_ - down_minutes - if(blind_counts, blind_minutes, 0) AS credited_up,
    percent(credited_up, counted_minutes_) AS credit_uptime,
    toDateTime(frame.month_end, 'UTC') > frame.effective_from AS in_force,
    if(
        in_force,
        arrayFirst(
            (credit, numerator, denominator) -> credited_up * toUInt64(denominator) >= toUInt64(numerator) * counted_minutes_,
            frame.tiers.credit_percent, frame.tiers.numerator, frame.tiers.denominator),
        0) AS credit_percent,
    sum(conflicts) AS conflicts,
    sum(requests_missing + messages_missing) AS missing_records,
    sum(requests_unknown + messages_unknown + messages_pending) AS unknown_records
FROM verdicts(month = {month:String}, policy = {policy:String}) AS v
GROUP BY service
ORDER BY service
