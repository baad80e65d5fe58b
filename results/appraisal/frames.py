"""The frames of an appraisal, made from a study; see :data:`results.appraisal.columns.FRAMES`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from results.appraisal.account import Account
from results.appraisal.columns import BASES, MEASURES, PERSPECTIVES, TOTAL, names
from results.appraisal.information import acceptability, evpi, evppi
from results.appraisal.measures import (
    NOT_APPLICABLE,
    Estimate,
    Key,
    estimates,
    jackknife_error,
    measure,
)
from results.appraisal.sensitivity import searched, switching_value
from results.appraisal.study import Reform, Study
from results.appraisal.values import is_single
from results.appraisal.years import year_name
from results.displacement import SHARE
from results.numbers import NOT_AVAILABLE

F64 = NDArray[np.float64]

THRESHOLDS = np.arange(0, 60_001, 2_000, dtype=np.float64)
"""Values of an additional person-year in work, in GBP, at which acceptability is worked out."""


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows as a frame with its declared columns, in order."""
    return pd.DataFrame(rows, columns=names(name))


# ---- Headline -----------------------------------------------------------------------------------


def headline(study: Study) -> pd.DataFrame:
    """The headline table: every measure of every reform."""
    rows = [row for reform in study.reforms for row in _headline_rows(study, reform)]
    return frame("headline", rows)


def _headline_rows(study: Study, reform: Reform) -> Iterator[dict[str, Any]]:
    outcomes = study.valued[reform.name]
    found = estimates(*(measure(each, study.years_shown) for each in outcomes))
    found |= _displacement(study, reform) | _chances(study, *(o.account for o in outcomes))
    order = list(MEASURES)
    for (name, year), e in sorted(found.items(), key=lambda item: order.index(item[0][0])):
        label, unit, _ = MEASURES[name]
        yield {
            "scenario": reform.name, "measure": name, "label": label, "year": year, "unit": unit,
            "value": e.value, "low": e.low, "high": e.high, "error": e.error, "step": e.step,
            "note": e.note,
        }  # fmt: skip


def _displacement(study: Study, reform: Reform) -> dict[Key, Estimate]:
    """NPSV without displacement, and at the upper end of its plausible interval."""
    high = {u.name: u.high for u in study.uncertain}.get(SHARE)
    ends = {"npsv_displacement_none": 0.0} | ({"npsv_displacement_high": high} if high else {})
    found: dict[Key, Estimate] = {}
    for name, share in ends.items():
        at = study.values.with_drawn({SHARE: np.array([share])})
        parts = (
            Account(reform.change.mean(), at, study.options.health),
            study.in_draws(reform, {SHARE: share}).account,
            Account(study.accounts(reform)[2].change, at, study.options.health),
        )
        found |= estimates(*({(name, TOTAL): account.npsv} for account in parts))
    return found


def _chances(
    study: Study, centre: Account, draws: Account, left_out: Account
) -> dict[Key, Estimate]:
    """Payback and the probability that NPSV is above nought."""
    first, paid = int(centre.payback()[0]), draws.payback()
    error = jackknife_error(left_out.npsv)
    freedom = max(len(left_out.npsv) - 1, 1)
    with_error = (
        float(stats.t.cdf(draws.npsv / error, freedom).mean())
        if error > 0
        else float((draws.npsv > 0).mean())
        if error == 0
        else np.nan
    )
    year = float(study.values.years[first]) if first >= 0 else np.nan
    return {
        ("payback_year", TOTAL): _plain(year, 1, NOT_APPLICABLE),
        ("never_pays_back", TOTAL): _plain(float((paid < 0).mean()), 0.01, ""),
        ("probability_npsv_positive", TOTAL): _plain(float((draws.npsv > 0).mean()), 0.01, ""),
        ("probability_npsv_positive_all", TOTAL): _plain(with_error, 0.01, NOT_AVAILABLE),
    }


def _plain(value: float, step: float, if_missing: str) -> Estimate:
    note = if_missing if np.isnan(value) else ""
    return Estimate(value, np.nan, np.nan, np.nan, step, note)


# ---- The account --------------------------------------------------------------------------------


def _spread(by_year: Iterable[F64]) -> tuple[F64, F64, F64, F64]:
    """Centre, 5%, 95% and Monte Carlo error of yearly amounts with their sum at the end."""
    centre, draws, left_out = (np.column_stack([x, x.sum(axis=1)]) for x in by_year)
    low, high = np.quantile(draws, (0.05, 0.95), axis=0)
    error = np.array([jackknife_error(column) for column in left_out.T])
    return centre[0], low, high, error


def lines(study: Study) -> pd.DataFrame:
    """The account line by line, for every perspective that a line touches, and society."""
    parts = []
    years = [*map(year_name, study.values.years), TOTAL]
    for reform in study.reforms:
        accounts = study.accounts(reform)
        for line in study.lines:
            for who in PERSPECTIVES:
                if who != "society" and not line.sign(who):
                    continue
                for basis in BASES:
                    flows = [a.flow(line, who, basis) for a in accounts]
                    value, low, high, error = _spread(flows)
                    parts.append(
                        pd.DataFrame(
                            {
                                "scenario": reform.name, "line": line.name, "label": line.label,
                                "perspective": who, "year": years, "basis": basis, "value": value,
                                "low": low, "high": high, "error": error,
                            }
                        )
                    )  # fmt: skip
    return pd.concat(parts, ignore_index=True)[names("lines")]


def exchequer(study: Study) -> pd.DataFrame:
    """Net gain of the Exchequer by financial year, and the sum so far."""
    parts = []
    years = [*map(year_name, study.values.years), TOTAL]
    for reform in study.reforms:
        accounts = study.accounts(reform)
        for basis in BASES:
            value, low, high, error = _spread(a.total("exchequer", basis) for a in accounts)
            so_far = np.append(np.cumsum(value[:-1]), value[-1])
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": reform.name, "year": years, "basis": basis, "value": value,
                        "low": low, "high": high, "error": error, "so_far": so_far,
                    }
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)[names("exchequer")]


# ---- Uncertainty --------------------------------------------------------------------------------


def draws(study: Study) -> pd.DataFrame:
    """Every draw of every reform; draw 0 is the centre."""
    parts = []
    for reform in study.reforms:
        for first, account in enumerate(study.accounts(reform)[:2]):
            paid = account.payback()
            parts.append(
                pd.DataFrame(
                    {
                        "scenario": reform.name,
                        "draw": np.arange(first, first + len(account.npsv)),
                        "person_years": account.person_years(net=True, discounted=True),
                        "exchequer_cost": account.exchequer_net_cost,
                        "programme_cost": np.broadcast_to(account.delivery, account.npsv.shape),
                        "npsv": account.npsv,
                        "npsv_weighted": account.npsv_weighted,
                        "payback_year": [
                            year_name(study.values.years[k]) if k >= 0 else "" for k in paid
                        ],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)[names("draws")]


def sensitivity(study: Study) -> pd.DataFrame:
    """One value at a time, the widest swing of NPSV first."""
    rows = [row for reform in study.reforms for row in _sensitivity_rows(study, reform)]
    table = frame("sensitivity", rows)
    swing = (table["npsv_at_high"] - table["npsv_at_low"]).abs()
    order = {reform.name: k for k, reform in enumerate(study.reforms)}
    key = pd.DataFrame({"scenario": table["scenario"].map(order), "swing": -swing})
    return table.loc[key.sort_values(["scenario", "swing"], kind="stable").index].reset_index(
        drop=True
    )


def _sensitivity_rows(study: Study, reform: Reform) -> Iterator[dict[str, Any]]:
    single = [(v.name, v.description, v.unit, v.grade) for v in study.values.values.values()]
    about = {name: rest for name, *rest in single}
    items = [(u.name, u.middle, u.low, u.high, u.allowed) for u in study.uncertain]
    for e in reform.effects.values():
        items.append((e.name, e.centre, e.low, e.high, e.allowed))
        about[e.name] = [e.label, e.unit, e.grade]
    for name, middle, low, high, allowed in items:

        def npsv(points: F64, name: str = name) -> F64:
            return np.broadcast_to(study.npsv_at(reform, name, points), points.shape)

        label, unit, grade = about[name]
        value = study.values.values.get(name)
        unit = unit if value is None or is_single(value) else "times"
        ends = npsv(np.array([low, high]))
        switch = switching_value(npsv, searched(middle, low, high, allowed), middle)
        yield {
            "scenario": reform.name, "name": name, "label": label, "unit": unit, "grade": grade,
            "centre": middle, "at_low": low, "at_high": high, "npsv_at_low": float(ends[0]),
            "npsv_at_high": float(ends[1]), "switching_value": switch,
            "note": NOT_APPLICABLE if np.isnan(switch) else "",
        }  # fmt: skip


def _net_benefits(study: Study, attribute: str) -> F64:
    """A number of each draw by option, the base (nought) first; shape (draws, options)."""
    found = [np.zeros(study.options.draws)]
    for reform in study.reforms:
        account = study.accounts(reform)[1]
        found.append(
            account.person_years(net=True, discounted=True)
            if attribute == "person_years"
            else np.broadcast_to(getattr(account, attribute), (study.options.draws,))
        )
    return np.column_stack(found)


def acceptability_frame(study: Study) -> pd.DataFrame:
    """Acceptability curves of base and reforms."""
    options = [study.base, *(reform.name for reform in study.reforms)]
    years, cost = (_net_benefits(study, x) for x in ("person_years", "exchequer_net_cost"))
    return acceptability(options, years, cost, THRESHOLDS)


def information(study: Study) -> pd.DataFrame:
    """EVPI, and EVPPI of each value and effect, the largest first."""
    benefit = _net_benefits(study, "npsv")
    everything = evpi(benefit)
    labels = {v.name: v.description for v in study.values.values.values()}
    labels |= {n: e.label for reform in study.reforms for n, e in reform.effects.items()}
    worth = {name: evppi(benefit, known) for name, known in study.drawn.items()}
    rows = [("all", "All values and effects", everything)]
    rows += [(n, labels[n], v) for n, v in sorted(worth.items(), key=lambda item: -item[1])]
    share = [v / everything if everything > 0 else np.nan for *_, v in rows]
    table = pd.DataFrame(rows, columns=["name", "label", "value"])
    return table.assign(share=share)[names("information")]


def values_frame(study: Study, used: Mapping[str, Any]) -> pd.DataFrame:
    """The unit values and effects with their evidence."""
    rows = [
        {
            "name": v.name, "description": v.description, "unit": v.unit, "value": _in_words(v),
            "low": v.uncertainty.low if v.uncertainty else np.nan,
            "high": v.uncertainty.high if v.uncertainty else np.nan,
            "grade": v.grade, "reasoning": v.reasoning,
            "source": "; ".join(f"{s.publisher}, {s.title}, {s.date}, {s.url}" for s in v.source),
        }
        for v in used.values()
    ]  # fmt: skip
    effects = {n: e for reform in study.reforms for n, e in reform.effects.items()}
    rows += [
        {
            "name": e.name, "description": e.label, "unit": e.unit, "value": f"{e.centre:g}",
            "low": e.low, "high": e.high, "grade": e.grade, "reasoning": "See fitflow explain.",
            "source": "",
        }
        for e in effects.values()
    ]  # fmt: skip
    return frame("values", rows)


def _in_words(value: Any) -> str:
    return "; ".join(
        f"{entries}" + (f" from {date}" if date else "") for date, entries in value.labelled()
    )
