"""Trials: a flow is tried before it is published, by the very engine that will run it.

A trial has a database of its own, thrown away at the end, and a clock that goes from one moment at which something is
due to the next. The handlers are those of the service; what they want of WeCom is noted and goes nowhere.
"""
