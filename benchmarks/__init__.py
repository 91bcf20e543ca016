"""Benchmarks for docs/performance.md: the site at city scale compared with bare Django pages (floors).

Run `python -m benchmarks --help`.
"""
