"""The figures of docs/performance.md: the site at city scale beside bare floors. `python -m benchmarks --help`."""
