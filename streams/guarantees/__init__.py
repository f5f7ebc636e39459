"""What is promised beside uptime, month by month: answers to support tickets (contract P6)."""
