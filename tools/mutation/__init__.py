"""Mutation tests: `make mutate` changes one place of the code at a time and checks that a test fails."""
