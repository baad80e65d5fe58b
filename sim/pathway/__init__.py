"""A person's journey, one module a step, named as a caseworker would name it."""
