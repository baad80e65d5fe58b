"""The briefing: one HTML file that says what a comparison found, to whom, and how sure that is."""
