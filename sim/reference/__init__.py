"""The model told plainly: one SimPy process per person, one per service, and nothing computed side by side."""
