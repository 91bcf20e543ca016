"""Mutants that no test can notice, each with its reason: (module, the line as it is, the line as it would be)."""

EQUIVALENT = {}
