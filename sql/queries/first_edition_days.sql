-- Days (UTC) with minutes that the contract's first edition counted and the ledger can count again, the latest first.
SELECT DISTINCT toUInt32(toStartOfDay(minute, 'UTC')) AS day
FROM minutes FINAL
WHERE version < 1099511627776 AND toYYYYMM(minute) NOT IN (SELECT month FROM expirations WHERE dropped)
ORDER BY day DESC
