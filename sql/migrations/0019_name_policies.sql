-- The rules read policies from their files: a table of their numbers would be a second truth. What stays says which
-- versions there are, from when they apply, and in whose months.

ALTER TABLE policies
    DROP COLUMN IF EXISTS failure_ratio,
    DROP COLUMN IF EXISTS failures_at_least,
    DROP COLUMN IF EXISTS grace_ms,
    DROP COLUMN IF EXISTS receipt_wait_ms,
    DROP COLUMN IF EXISTS maintenance_notice_ms,
    DROP COLUMN IF EXISTS unproven_notice,
    DROP COLUMN IF EXISTS emergency_minutes,
    DROP COLUMN IF EXISTS silence_expected,
    DROP COLUMN IF EXISTS silence_minutes_before,
    DROP COLUMN IF EXISTS silence_max_minutes,
    DROP COLUMN IF EXISTS hole_max_minutes,
    DROP COLUMN IF EXISTS lost_lead_ms,
    DROP COLUMN IF EXISTS blind_tolerance,
    DROP COLUMN IF EXISTS excluded,
    DROP COLUMN IF EXISTS tiers;
