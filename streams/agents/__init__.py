"""The Faust agents: one a topic, a few lines each."""
