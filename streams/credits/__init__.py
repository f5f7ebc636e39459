"""Credits of closed months: what is claimed, judged, decided and published (contract M3, M4, K1-K4)."""
