-- Every record of the declarations of which one bears on [from, to), milliseconds since the epoch (X, B1).
SELECT
    declaration_id,
    revision,
    content,
    toString(kind) AS kind,
    if(has(services, '*'), ['sms', 'voice', 'whatsapp', 'email'], services) AS services,
    toUnixTimestamp64Milli(start) AS start_ms,
    toUnixTimestamp64Milli(`end`) AS end_ms,
    toUnixTimestamp64Milli(announced_at) AS announced_at_ms,
    toUnixTimestamp64Milli(recorded_at) AS recorded_at_ms,
    evidence,
    retracted
FROM declarations FINAL
WHERE toUnixTimestamp64Milli(recorded_at) < {as_of:Int64}
    AND declaration_id IN
    (
        SELECT declaration_id
        FROM declarations
        WHERE toUnixTimestamp64Milli(start) < {to:Int64} AND toUnixTimestamp64Milli(`end`) > {from:Int64}
    )
ORDER BY declaration_id, revision, content
