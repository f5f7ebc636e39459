-- The frontier of each input topic; the system's is the least of them (B5).
CREATE OR REPLACE VIEW topic_frontiers AS
SELECT topic, min(frontier) AS frontier, max(listed_at) AS listed_at
FROM partition_frontiers
GROUP BY topic
