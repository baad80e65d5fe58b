"""Measurements of speed, scale and memory; ``python -m benchmarks``."""
