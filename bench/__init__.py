"""Benchmarks that print ratios against peers and limits: `make bench`, or `python -m bench --help`."""
