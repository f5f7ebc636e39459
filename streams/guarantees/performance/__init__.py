"""Delivery and response times against their targets (SLA section 3)."""
