"""What every part builds on: settings, errors, the clock, logs, canonical JSON."""
