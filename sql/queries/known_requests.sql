-- How many distinct requests the ledger holds of the service-minutes `touched` (`touched_*.sql`, before these words) that
-- have any.
SELECT 'requests' AS of, service, minute, uniqExact(identity, content) AS records
FROM ledger_requests
WHERE (service, minute) IN touched
GROUP BY service, minute
