-- Declarations that touch a service-minute, and what became of each.
SELECT
    declaration_id,
    revision,
    kind,
    start,
    `end`,
    multiIf(
        void_reason != '', void_reason,
        toUInt32({minute:UInt32}) < from_ OR toUInt32({minute:UInt32}) >= to_, 'covers_part_of_the_minute',
        (declaration_id, toDateTime({minute:UInt32}, 'UTC')) NOT IN (SELECT declaration_id, minute FROM excused_minutes(month = {month:String}, policy = {policy:String})), 'emergency_budget_spent',
        'covers') AS effect
FROM windows(month = {month:String}, policy = {policy:String})
WHERE has(services, {service:String})
    AND toUnixTimestamp64Milli(start) < (toInt64({minute:UInt32}) + 60) * 1000
    AND toUnixTimestamp64Milli(`end`) > toInt64({minute:UInt32}) * 1000
ORDER BY kind_order, declaration_id
