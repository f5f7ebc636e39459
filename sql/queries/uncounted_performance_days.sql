-- Services' days whose minutes say something else than what their performance was counted from: not counted yet, counted
-- from fewer records, or by other edges. `from` and `to` are whole days in `zone`; what has expired stays as it was.
SELECT toString(m.service) AS service, toString(m.day) AS day, m.version AS version
FROM
(
    SELECT service, toDate(minute, {zone:String}) AS day, sum(version) AS version
    FROM minutes FINAL
    WHERE minute >= {from:DateTime('UTC')} AND minute < {to:DateTime('UTC')}
        AND toYYYYMM(minute) NOT IN (SELECT month FROM expirations WHERE dropped)
    GROUP BY service, day
) AS m
LEFT JOIN (SELECT service, day, version, edges FROM performance_counted FINAL) AS c
    ON c.service = m.service AND c.day = m.day
WHERE m.version > c.version OR c.edges != {edges:Array(UInt32)}
ORDER BY day, service
