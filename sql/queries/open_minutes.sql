-- The latest service-minutes with messages whose final receipt has not come, by seconds since the epoch: at most `most`
-- of each service.
SELECT toString(service) AS of_service, toUInt32(minute) AS at_s
FROM minutes FINAL
WHERE messages_accepted + messages_enroute > 0
ORDER BY minute DESC
LIMIT {most:UInt32} BY service
