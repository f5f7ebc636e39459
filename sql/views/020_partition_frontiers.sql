-- How far each input topic is read and evaluated: the least over the partitions that the broker lists, and no
-- further than the listing itself (B5). A topic without a listing holds everything back.
CREATE OR REPLACE VIEW partition_frontiers AS
SELECT
    listed.topic AS topic,
    listed.partition AS partition,
    listed.topic_id AS topic_id,
    listed.listed_at AS listed_at,
    f.stored_next AS stored_next,
    f.evaluated_next AS evaluated_next,
    least(f.frontier, listed.listed_at) AS frontier
FROM
(
    SELECT
        t.topic AS topic,
        l.topic_id AS topic_id,
        l.listed_at AS listed_at,
        arrayJoin(range(greatest(toUInt32(1), l.partitions))) AS partition
    FROM (SELECT DISTINCT topic FROM input_topics) AS t
    LEFT JOIN (SELECT * FROM listings FINAL) AS l ON l.topic = t.topic
) AS listed
LEFT JOIN
(
    SELECT
        topic_id,
        partition,
        max(stored_next) AS stored_next,
        max(evaluated_next) AS evaluated_next,
        max(frontier) AS frontier
    FROM frontiers
    GROUP BY topic_id, partition
) AS f ON f.topic_id = listed.topic_id AND f.partition = listed.partition
