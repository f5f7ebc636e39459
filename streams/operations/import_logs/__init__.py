"""Foreign data in: lines of files, access logs, archives."""
