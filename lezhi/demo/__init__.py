"""Fictional data: a small set for demonstrations, a large one for benchmarks. No name, number or address is real."""
