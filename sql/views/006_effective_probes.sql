-- Each probe by the record that counts, as all is known now: `effective_probes_as_of` without a cut.
CREATE OR REPLACE VIEW effective_probes AS
SELECT * FROM effective_probes_as_of(as_of = 9223372036854775807)
