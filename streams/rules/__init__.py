"""The rules of the contract, pure: no I/O, no clock, no randomness."""
