-- Where declarations were read first, as known before `as_of` (broker timestamp, ms), a row a distinct record. `ids` are
-- those of the declarations that are asked for.
SELECT declaration_id, content, place.1 AS partition, place.2 AS offset
FROM
(
    SELECT declaration_id, content, argMin((partition, offset), (recorded_at, partition, offset)) AS place
    FROM declarations
    WHERE declaration_id IN {ids:Array(String)} AND toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    GROUP BY declaration_id, content
)
ORDER BY declaration_id, content
