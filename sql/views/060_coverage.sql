-- What the union of `blocks` proves of each partition that was ever read: every offset before `stored_next` was read or
-- is known to be lost, without a gap; every one before `evaluated_next` counts in its minutes too.
--   gaps         [first, next) between blocks, of which no block tells: still in flight in a reader, or a fault
--   lost         [first, next) that retention took unread (B3)
--   owed         blocks stored whose minutes are not evaluated yet
-- Records, dead letters and ahead_of_clock are sums over blocks: what was read twice at other borders counts twice.
CREATE OR REPLACE VIEW coverage AS
SELECT
    topic,
    topic_id,
    partition,
    min(first) AS first_offset,
    if(countIf(beyond) > 0, minIf(reached, beyond), max(next)) AS stored_next,
    if(countIf(evaluated_beyond) > 0, minIf(evaluated_reached, evaluated_beyond), maxIf(next, state != 'stored')) AS evaluated_next,
    max(next) AS furthest_next,
    sum(records) AS records,
    sum(dead_letters) AS dead_letters,
    sum(ahead_of_clock) AS ahead_of_clock,
    count() AS blocks,
    countIf(state = 'stored') AS owed,
    minIf(last_recorded_at, state = 'stored') AS oldest_owed_at,
    arraySort(groupArrayIf((first, next), state = 'lost' AND first < next)) AS lost,
    arraySort(groupArrayIf((reached, first), beyond)) AS gaps
FROM
(
    SELECT
        topic, topic_id, partition, first, next, state, records, dead_letters, ahead_of_clock, last_recorded_at,
        max(next) OVER before AS reached,
        maxIf(next, state != 'stored') OVER before AS evaluated_reached,
        first > reached AS beyond,
        state != 'stored' AND first > evaluated_reached AS evaluated_beyond
    FROM blocks FINAL
    WINDOW before AS (PARTITION BY topic_id, partition ORDER BY first, next ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
GROUP BY topic, topic_id, partition
