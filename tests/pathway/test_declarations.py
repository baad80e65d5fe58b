"""What steps declare: their names, and the columns that they bring."""

from __future__ import annotations

import numpy as np
import pytest

from sim.model import STEPS
from sim.pathway import (
    assessment,
    claims,
    conditionality,
    demography,
    fit_notes,
    job_loss,
    job_search,
    return_to_work,
    sickness,
)
from sim.states import Labour
from sim.support import programmes
from sim.support.programme import Effect


def test_steps_are_called_as_their_modules_are() -> None:
    modules = (
        *(assessment, claims, conditionality, demography, fit_notes),
        *(job_loss, job_search, return_to_work, sickness),
    )
    for module in modules:
        assert module.STEP.name == module.__name__.rpartition(".")[2]


def test_what_a_step_does_is_told_in_sentences() -> None:
    for step in STEPS:
        assert step.does[0].isupper(), step.name
        assert step.does.endswith("."), step.name


@pytest.mark.parametrize(
    ("on", "reads"),
    [
        ("return", return_to_work.RATIO_READS),
        ("job_loss", job_loss.STEP.ratios[0].reads),
        ("job_finding", job_search.STEP.streams[0].reads),
    ],
)
def test_what_programmes_act_on_is_worked_out_anew_when_they_change(
    on: Effect, reads: tuple[str, ...]
) -> None:
    wanted = set(programmes.effect_reads(on))
    assert len(wanted) > 4
    assert wanted <= set(reads)


def test_a_shock_feels_what_decides_whether_it_can_strike() -> None:
    """Else somebody who comes into one of its states would go without its candidates."""
    for step in STEPS:
        for stream in step.streams:
            if "sanctioned" in stream.feels:
                continue  # a sanction comes and goes with the regime that its person is in
            states = np.asarray(stream.states)
            of_working_age = np.delete(states, Labour.OUTSIDE, axis=1) if states.ndim else states
            for axis, aspect in enumerate(("health", "work", "benefit")):
                if states.ndim and (of_working_age != of_working_age.take([0], axis=axis)).any():
                    assert aspect in stream.feels, (stream.name, aspect)
            if states.ndim and not states[:, Labour.OUTSIDE].any():
                assert {"entry", "work"} & set(stream.feels), stream.name


def test_counts_start_at_nothing() -> None:
    """The count of what has happened to a person is part of the address of the next draw."""
    at_rest = {
        name: rest
        for step in STEPS
        for name, (dtype, rest) in step.columns.items()
        if np.issubdtype(dtype, np.unsignedinteger)
    }
    assert len(at_rest) > 15
    assert at_rest.pop("labour") == Labour.OUTSIDE
    assert not any(at_rest.values()), at_rest
