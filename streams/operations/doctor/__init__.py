"""Everything that a person on call would look at, each with what to do about it."""
