"""Mutation testing: break the model in small ways, and see whether the tests notice."""
