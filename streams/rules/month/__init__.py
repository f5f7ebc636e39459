"""The contract's second edition over arrays: from the counts of a span of minutes to its states, bounds and months.

Read in this order: `span` (which minutes), `inputs` (what is known of them), `policy` (the contract's numbers); then
the rules: `settled` (C3, C7), `failures` (V1, V2), `holes` and `missing` (B3), `silences` and `images` (B2), `gaps`
(B1), `windows` and `granted` (X1-X3), `states` (V3), `bounds` (B4), `platform` (V5), `uptime` (M1, M2), `listings`
(X4), `completeness` (B3, B5), `incident_runs` (K1). `judging` puts them together: `judge_span` is the way in.
`missing_reasons` and `silence_reasons` say of single minutes what those rules counted.

Everything is pure: no I/O, no clock, no randomness; what is given is never written to. Minutes are whole minutes since
the epoch, in UTC; instants are milliseconds. No number is a float.
"""
