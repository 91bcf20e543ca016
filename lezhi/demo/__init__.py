"""Fictional data to try the system with, and in bulk to measure it. No name, number or address is real."""
