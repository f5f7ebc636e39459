"""Evidence: what a customer needs, beside the records themselves, to recompute the minutes of a service."""
