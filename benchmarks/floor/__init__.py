"""Bare Django pages over the same tables: what a page of its kind costs at least."""
