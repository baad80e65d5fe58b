"""The calibration report: what was fitted to what, how well, and what is still wrong."""

from __future__ import annotations

from calibration.report.content import write_report

__all__ = ["write_report"]
