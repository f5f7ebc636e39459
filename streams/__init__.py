"""Uptime of a communications platform, minute by minute: from Kafka blocks to a provable month."""
