"""Fit the uncertain parameters to published statistics and hand on a posterior."""
