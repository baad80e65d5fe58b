"""The command line: ``fitflow run``, ``fitflow compare`` and what helps to understand them."""
