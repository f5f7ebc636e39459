-- How many distinct receipts and probes the ledger holds of the service-minutes `touched` (`touched_*.sql`, before these
-- words) that have any.
SELECT 'messages' AS of, service, minute, uniqExact(identity, content) AS records
FROM ledger_receipts
WHERE (service, minute) IN touched
GROUP BY service, minute
UNION ALL
SELECT 'probes', service, minute, uniqExact(identity, content)
FROM ledger_probes
WHERE (service, minute) IN touched
GROUP BY service, minute
