"""What every part stands on: settings, errors, the clock, logs, canonical JSON."""
