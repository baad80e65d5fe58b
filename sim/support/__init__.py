"""The programmes: one capacity-limited service, and a thin module where a programme truly differs."""
