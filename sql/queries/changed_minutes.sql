-- The counts that stand, for every one of the service-minutes `touched` (`touched_*.sql`, before these words): what
-- `sla.minutes` publishes.
SELECT *
FROM minutes FINAL
WHERE (service, minute) IN touched
ORDER BY service, minute
