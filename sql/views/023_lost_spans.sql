-- What was lost unread (B3): one row a hole, from the last record read before it to the first after it.
--   taken      retention was faster than the reader: offsets [first, next) of a partition are gone
--   recreated  the topic was created anew, and what was unread of its earlier life is gone with it: from the last record
--              read of the partition that was read the least far, to the first of the new life; if that has none yet, to
--              where its partitions were last listed. Whoever had not heard of it yet wrote down records of the new life
--              as of the earlier one: by their time they are told apart
CREATE OR REPLACE VIEW lost_spans AS
WITH
    toDateTime64('2200-01-01 00:00:00', 3, 'UTC') AS never,
    spans AS
    (
        SELECT
            topic, topic_id, partition, first, next, state, records, first_recorded_at, last_recorded_at,
            max(first > reached) OVER (PARTITION BY topic_id, partition ORDER BY first, next ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS beyond_a_gap
        FROM
        (
            SELECT
                topic, topic_id, partition, first, next, state, records, first_recorded_at, last_recorded_at,
                max(next) OVER (PARTITION BY topic_id, partition ORDER BY first, next ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
            FROM blocks FINAL
        )
    ),
    lives AS
    (
        SELECT
            topic,
            topic_id,
            begins,
            leadInFrame(begins, 1, never) OVER later AS next_begins,
            leadInFrame(topic_id, 1, '') OVER later AS next_id
        FROM (SELECT topic, toString(topic_id) AS topic_id, min(first_recorded_at) AS begins FROM spans WHERE records > 0 GROUP BY topic, topic_id)
        WINDOW later AS (PARTITION BY topic ORDER BY begins, topic_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
    ),
    ends AS
    (
        SELECT topic, next_id, next_begins, min(read_to) AS read_to
        FROM
        (
            SELECT s.topic AS topic, l.next_id AS next_id, l.next_begins AS next_begins, s.partition AS partition, max(s.last_recorded_at) AS read_to
            FROM spans AS s
            INNER JOIN lives AS l ON l.topic_id = s.topic_id
            WHERE s.records > 0 AND NOT s.beyond_a_gap AND s.first_recorded_at < l.next_begins
            GROUP BY topic, next_id, next_begins, partition
        )
        GROUP BY topic, next_id, next_begins
    ),
    unread_lives AS
    (
        SELECT topic, topic_id, min(first_recorded_at) AS read_to, max(last_recorded_at) AS noted_at
        FROM spans
        WHERE state = 'lost' AND first = next AND topic_id NOT IN (SELECT topic_id FROM lives)
        GROUP BY topic, topic_id
    )
SELECT topic, toString(topic_id) AS topic_id, toInt64(partition) AS partition, first, next, 'taken' AS cause, first_recorded_at AS from_at, last_recorded_at AS to_at
FROM spans
WHERE state = 'lost' AND first < next
UNION ALL
SELECT topic, next_id AS topic_id, toInt64(-1) AS partition, toUInt64(0) AS first, toUInt64(0) AS next, 'recreated' AS cause, read_to AS from_at, next_begins AS to_at
FROM ends
WHERE next_begins < never
UNION ALL
SELECT
    u.topic AS topic, toString(u.topic_id) AS topic_id, toInt64(-1) AS partition, toUInt64(0) AS first, toUInt64(0) AS next,
    'recreated' AS cause,
    if(e.topic = '', u.read_to, e.read_to) AS from_at,
    greatest(u.noted_at, n.listed_at) AS to_at
FROM unread_lives AS u
LEFT JOIN (SELECT topic, read_to FROM ends WHERE next_begins = never) AS e ON e.topic = u.topic
LEFT JOIN (SELECT topic, topic_id, listed_at FROM listings FINAL) AS n ON n.topic = u.topic AND n.topic_id = u.topic_id
