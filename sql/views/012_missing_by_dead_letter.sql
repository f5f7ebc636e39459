-- Records that were read and could not be understood, distinct by topic and bytes: one missing record each in the
-- minute of its time, else of its earliest broker timestamp, for its service, else for every service (B3).
CREATE OR REPLACE VIEW missing_by_dead_letter AS
SELECT topic, counted_service AS service, counted_minute AS minute, counted_source AS source, count() AS missing
FROM
(
    SELECT
        topic,
        argMin((service, minute, source, recorded_at), (recorded_at, partition, offset)) AS earliest,
        arrayJoin(if(earliest.1 = '', ['sms', 'voice', 'whatsapp', 'email'], [toString(earliest.1)])) AS counted_service,
        ifNull(earliest.2, toStartOfMinute(toDateTime(earliest.4, 'UTC'))) AS counted_minute,
        toString(earliest.3) AS counted_source
    FROM dead_letters
    WHERE topic IN ('api.requests', 'carrier.receipts')
    GROUP BY topic, content, is_null
)
GROUP BY topic, service, minute, source
