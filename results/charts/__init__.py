"""Charts of a finished run: one module a kind, each with its data, its words and its drawing."""
