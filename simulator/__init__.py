"""A virtual WeCom over real HTTP: real crypto, virtual clock, faults."""
