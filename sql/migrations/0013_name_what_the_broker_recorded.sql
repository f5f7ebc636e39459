-- The broker's stamp of a record goes by the name `recorded_at`; 0.1.0 called it `known_at`. ClickHouse refuses to
-- rename the version column of a ReplacingMergeTree, so `known_order` keeps its name; its expression follows the column.
-- IF EXISTS: a migration that was cut short starts again from its first statement.
ALTER TABLE ledger_requests RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE ledger_receipts RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE ledger_probes RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE declarations RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE manifests RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE accounts RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE tickets RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE templates RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE claims RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE dead_letters RENAME COLUMN IF EXISTS known_at TO recorded_at;

ALTER TABLE blocks
    RENAME COLUMN IF EXISTS first_known_at TO first_recorded_at,
    RENAME COLUMN IF EXISTS last_known_at TO last_recorded_at;

-- Views that have another name now; `zecto-sla migrate` creates all views anew after the migrations.
DROP VIEW IF EXISTS chosen_requests;

DROP VIEW IF EXISTS chosen_messages;

DROP VIEW IF EXISTS chosen_probes;

DROP VIEW IF EXISTS listed_for_themselves;

DROP VIEW IF EXISTS listed_for_lateness;

DROP VIEW IF EXISTS chosen_requests_as_known;

DROP VIEW IF EXISTS chosen_messages_as_known;

DROP VIEW IF EXISTS chosen_probes_as_known;

DROP VIEW IF EXISTS current_declarations_as_known;

DROP VIEW IF EXISTS current_manifests_as_known;

DROP VIEW IF EXISTS missing_by_dead_letter_as_known;

DROP VIEW IF EXISTS topic_frontiers_as_known;

DROP VIEW IF EXISTS minutes_as_known;

DROP VIEW IF EXISTS stored_minutes_as_known;

DROP VIEW IF EXISTS counted_minutes_as_known;

DROP VIEW IF EXISTS silences_as_known;

DROP VIEW IF EXISTS gaps_as_known;

DROP VIEW IF EXISTS missing_as_known;

DROP VIEW IF EXISTS windows_as_known;

DROP VIEW IF EXISTS excused_minutes_as_known;

DROP VIEW IF EXISTS verdicts_as_known;

DROP VIEW IF EXISTS months_as_known;

DROP VIEW IF EXISTS source_completeness_as_known;

DROP VIEW IF EXISTS listed_for_themselves_as_known;

DROP VIEW IF EXISTS listed_for_lateness_as_known;

DROP VIEW IF EXISTS listed_declarations_as_known;

DROP VIEW IF EXISTS month_progress_as_known;
