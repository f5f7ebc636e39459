"""Rows of `minutes` from what the ledger says of service-minutes: pure, whoever asks.

Three kinds are counted of a service-minute (requests, messages, probes), each by a question of its own. A row of
`minutes` is all three together (`rows`). Where a kind's rows cannot meet, its tallies are its counts (`plain`).
"""
