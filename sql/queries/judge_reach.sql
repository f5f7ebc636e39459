-- Where each service was last heard before the span [start, end) and first after it, requests and messages apart, in
-- minutes since the epoch, 0 where it was not; and whether anything may have been heard there at all (B2). What was
-- heard only grows, so that older versions of a minute say nothing wrong; from minute `sure` on they are not believed,
-- since what a cut does not know of was counted there too.
WITH intDiv(toUInt32(minute), 60) AS at
SELECT
    toInt8(service) AS service,
    maxIf(at, requests_heard > 0 AND at < {start:Int64} AND at < {sure:Int64}) AS requests_before,
    maxIf(at, messages_heard > 0 AND at < {start:Int64} AND at < {sure:Int64}) AS messages_before,
    minIf(at, requests_heard > 0 AND at >= {end:Int64} AND at < {sure:Int64}) AS requests_after,
    minIf(at, messages_heard > 0 AND at >= {end:Int64} AND at < {sure:Int64}) AS messages_after,
    max(requests_heard > 0 AND at < {end:Int64}) AS requests_any,
    max(messages_heard + messages_accepted > 0 AND at < {end:Int64}) AS messages_any,
    max(requests_collisions > 0) AS requests_missing
FROM minutes
WHERE minute >= toDateTime({first:Int64} * 60, 'UTC') AND minute < toDateTime({stop:Int64} * 60, 'UTC')
GROUP BY service
