"""Bare Django pages over the same tables: the minimum cost of a page of each kind."""
