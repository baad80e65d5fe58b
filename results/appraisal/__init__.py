"""Costs and benefits of reforms, valued from the tables of a finished run, never inside it.

``appraise(open_run(folder))`` gives an :class:`~results.appraisal.appraisal.Appraisal`, whose
frames are attributes of it: ``headline``, ``lines``, ``exchequer``, ``draws``, ``sensitivity``,
``acceptability``, ``information``, ``distribution``, ``losers``, ``budget`` and ``values``. Their
columns are declared in :data:`results.appraisal.columns.FRAMES`. Amounts are GBP of the population,
reform minus base; a gain is positive for whoever has it, a cost negative.

Unit values stand in ``scenarios/values``, in the form of parameters. The method, with its formulas
and sources, is in ``docs/concepts/appraisal.md``.
"""

from __future__ import annotations

from results.appraisal.appraisal import Appraisal, appraise
from results.appraisal.study import AppraisalError, Options

__all__ = ["Appraisal", "AppraisalError", "Options", "appraise"]
