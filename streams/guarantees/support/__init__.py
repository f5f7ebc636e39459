"""Answers to support tickets against their targets (SLA section 4)."""
