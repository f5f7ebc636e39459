-- The minutes as they stand, for views that say what is complete (B5): they must read the minutes after the frontier, or
-- a minute could be shown complete with the counts from before its last records. ClickHouse takes a query's tables as
-- they are when it resolves the query's names, parameterized views included; works out the scalars, the frontier among
-- them; and resolves an ordinary view, such as this one, last.
CREATE OR REPLACE VIEW stored_minutes AS
SELECT * FROM minutes FINAL
