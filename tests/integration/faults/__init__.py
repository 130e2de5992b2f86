"""The fault run: a real Kafka, real processes, and everything that can go wrong between them. See ../README.md."""
