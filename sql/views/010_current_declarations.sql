-- Declarations as they stand: the highest revision of each, retracted ones left out (I2, X4).
CREATE OR REPLACE VIEW current_declarations AS
SELECT
    declaration_id,
    stands.revision AS revision,
    stands.kind AS kind,
    if(has(stands.services, '*'), ['sms', 'voice', 'whatsapp', 'email'], arrayDistinct(stands.services)) AS services,
    stands.start AS start,
    stands.end AS `end`,
    stands.announced_at AS announced_at,
    stands.evidence AS evidence,
    stands.title AS title,
    stands.note AS note,
    stands.recorded_at AS recorded_at
FROM
(
    SELECT
        declaration_id,
        argMax(
            CAST(
                (revision, kind, services, start, `end`, announced_at, evidence, retracted, title, note, recorded_at),
                'Tuple(revision UInt16, kind String, services Array(String), start DateTime64(3, ''UTC''), end DateTime64(3, ''UTC''), announced_at DateTime64(3, ''UTC''), evidence String, retracted Bool, title String, note String, recorded_at DateTime64(3, ''UTC''))'),
            (revision, content)) AS stands
    FROM declarations FINAL
    GROUP BY declaration_id
)
WHERE NOT stands.retracted
