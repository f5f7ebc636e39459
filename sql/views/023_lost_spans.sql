-- What was lost unread (B3): one row a hole, from the last record read before it to the first after it.
--   taken      retention was faster than the reader: offsets [first, next) of a partition are gone
--   recreated  the topic was created anew: what was unread of its earlier life is gone with it. It begins with the
--              last record read of the partition that was left earliest, and ends with the first of the new life; one
--              that has none yet ends where the partitions were last listed
CREATE OR REPLACE VIEW lost_spans AS
WITH
    spans AS
    (
        SELECT topic, topic_id, partition, first, next, state, records, first_known_at, last_known_at
        FROM blocks FINAL
    ),
    lives AS
    (
        SELECT topic, topic_id, min(begins) AS life_begins, min(ends) AS read_to
        FROM
        (
            SELECT topic, topic_id, partition, min(first_known_at) AS begins, max(last_known_at) AS ends
            FROM spans
            WHERE records > 0
            GROUP BY topic, topic_id, partition
        )
        GROUP BY topic, topic_id
    ),
    neighbours AS
    (
        SELECT
            topic,
            topic_id,
            life_begins,
            lagInFrame(toNullable(read_to)) OVER (PARTITION BY topic ORDER BY life_begins, topic_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS read_to_before
        FROM lives
    ),
    unread_lives AS
    (
        SELECT topic, topic_id, min(first_known_at) AS read_to, max(last_known_at) AS noted_at
        FROM spans
        WHERE state = 'lost' AND first = next AND topic_id NOT IN (SELECT topic_id FROM lives)
        GROUP BY topic, topic_id
    )
SELECT topic, topic_id, toInt64(partition) AS partition, first, next, 'taken' AS cause, first_known_at AS from_at, last_known_at AS to_at
FROM spans
WHERE state = 'lost' AND first < next
UNION ALL
SELECT topic, topic_id, toInt64(-1) AS partition, toUInt64(0) AS first, toUInt64(0) AS next, 'recreated' AS cause, assumeNotNull(read_to_before) AS from_at, life_begins AS to_at
FROM neighbours
WHERE read_to_before IS NOT NULL
UNION ALL
SELECT
    u.topic AS topic, u.topic_id AS topic_id, toInt64(-1) AS partition, toUInt64(0) AS first, toUInt64(0) AS next,
    'recreated' AS cause,
    if(l.topic_id = '', u.read_to, l.read_to) AS from_at,
    greatest(u.noted_at, n.listed_at) AS to_at
FROM unread_lives AS u
LEFT JOIN (SELECT topic, argMax(topic_id, life_begins) AS topic_id, argMax(read_to, life_begins) AS read_to FROM lives GROUP BY topic) AS l
    ON l.topic = u.topic
LEFT JOIN (SELECT topic, topic_id, listed_at FROM listings FINAL) AS n ON n.topic = u.topic AND n.topic_id = u.topic_id
