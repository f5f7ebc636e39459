-- The first minute of [from, first), in minutes since the epoch, in which a valid record of a service was counted (B2).
-- What was heard only grows, so that older versions of a minute say nothing wrong.
SELECT toInt8(service) AS service, min(intDiv(toUInt32(minute), 60)) AS at
FROM minutes
WHERE minute >= toDateTime({from:Int64} * 60, 'UTC') AND minute < toDateTime({first:Int64} * 60, 'UTC')
    AND toInt8(service) IN {services:Array(Int8)}
    AND requests_heard + messages_heard + messages_accepted + requests_collisions > 0
GROUP BY service
