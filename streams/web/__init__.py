"""A read-only feed over HTTP for the credit service: decisions and statements, as the topics and SQL have them."""
