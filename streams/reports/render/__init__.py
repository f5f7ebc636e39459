"""A report drawn: each module here knows the model and nothing else, so that the same report is the same bytes."""
