"""Factories of objects for tests, with traits named after situations."""
