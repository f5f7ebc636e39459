"""Kafka as the rest sees it: blocks of records in, topics kept fit, records out."""
