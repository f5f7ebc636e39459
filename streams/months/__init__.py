"""Answers for people and machines, read from the views: the month, its minutes, and why."""
