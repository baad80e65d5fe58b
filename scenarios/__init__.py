"""The scenario library: parameters with their sources, the baseline and the reforms, as YAML."""
