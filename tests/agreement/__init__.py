"""Judge and auditor held against each other over random spans: two readings of one contract, which share nothing."""
