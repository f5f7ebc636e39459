-- Manifests as they stand: of each (topic, source, service, minute) the highest revision, then the greater count (I2).
CREATE OR REPLACE VIEW current_manifests AS
SELECT topic, source, service, minute, argMax(count, (revision, count, content)) AS count
FROM manifests
GROUP BY service, minute, topic, source
