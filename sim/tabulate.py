"""From counts by code to tidy tables: decodes what the recorder kept, month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.core.dates import EPOCH, date_of
from sim.core.recorder import DETAILS, Layout, Month, Recorder, decode
from sim.states import LABELS
from sim.tables import RunTables

I64 = NDArray[np.int64]

COUNTRIES: Final = ("E92000001", "W92000004")
"""England and Wales, for tables that do not tell areas apart."""

SPELLS: Final = {
    "return_to_work": ("sickness_absence", "returned"),
    "left_work_sick": ("sickness_absence", "left_work"),
    "sanction_end": ("sanction", "ended"),
}
"""Kind and outcome of a completed spell, by the event that ends it."""


@dataclass(frozen=True)
class Segment:
    """Months of a world whose arm k stands for the arms ``arms[k]`` of the task, by number."""

    months: Sequence[Month]
    log: Sequence[tuple[int, int, I64, int, I64]]
    arms: Sequence[Sequence[int]]
    people: NDArray[np.uint64]


class Tabulator:
    """Collects segments into integer frames, then labels them.

    Parameters
    ----------
    recorder : Recorder
        Any recorder of the run: its layout, events and details.
    areas : sequence of str
        Codes of all areas, in order.
    countries : sequence of int
        Country (0 England, 1 Wales) of each area.
    by_area : bool
        Keep areas apart; otherwise sum them by country.
    """

    def __init__(
        self, recorder: Recorder, areas: Sequence[str], countries: Sequence[int], *, by_area: bool
    ) -> None:
        self.layout: Layout = recorder.layout
        self.events = list(recorder.events)
        self.details = recorder.details
        self.area_codes = tuple(areas) if by_area else COUNTRIES
        self.place = np.arange(len(areas)) if by_area else np.asarray(countries)

    def frames(self, segment: Segment) -> dict[str, pd.DataFrame]:
        """The tables of a segment, with codes in place of labels and arms by number."""
        parts: dict[str, list[pd.DataFrame]] = {}
        for month in segment.months:
            for name, frame in self._month(month).items():
                frame.insert(0, "month", month.end_day)
                parts.setdefault(name, []).append(frame)
        if segment.log:
            parts["log"] = [self._log(segment)]
        return {
            name: _for_arms(pd.concat(frames, ignore_index=True), segment.arms)
            for name, frames in parts.items()
        }

    def _month(self, month: Month) -> dict[str, pd.DataFrame]:
        lay = self.layout
        sizes = (month.arms, lay.areas, lay.per_area)
        used = np.flatnonzero((month.stocks > 0) | (month.person_days > 0))
        stocks = self._placed(
            decode(used, sizes),
            ("arm", "area", "state"),
            {"people": month.stocks[used], "person_days": month.person_days[used]},
        )
        codes, moves = month.flows
        old, new = np.divmod(codes, month.arms * lay.per_arm)
        flows = self._placed(
            (*decode(old, sizes), new % lay.per_area),
            ("arm", "area", "state_from", "state_to"),
            {"people": moves},
        )
        event_sizes = (month.arms, lay.areas, len(self.events), DETAILS)
        names = ("arm", "area", "event", "detail")
        codes, counts = month.events
        events = self._placed(decode(codes, event_sizes), names, {"count": counts})
        codes, counts, days = month.spells
        arm, _, event, detail = decode(codes, event_sizes)
        spells = _counted(
            dict(zip(("arm", "event", "detail"), (arm, event, detail), strict=True)),
            {"count": counts, "days": days},
        )
        tables = {
            "stocks": self._with_states(stocks),
            "flows": self._with_states(flows),
            "events": events,
            "spells": spells,
        }
        if month.waits:
            tables["waits"] = self._waits(month)
        return tables

    def _waits(self, month: Month) -> pd.DataFrame:
        """What stands at the end of a month before each service, in the order in which it was counted."""
        services, measures, counted = zip(*month.waits, strict=True)
        values = np.stack(counted)
        kind, used = values.nonzero()
        arm, area = decode(used, (month.arms, self.layout.areas))
        keys = {"kind": kind, "arm": arm, "area": self.place[area]}
        frame = _counted(keys, {"value": values[kind, used]}).astype({"value": float})
        kind = frame.pop("kind").to_numpy()
        frame.insert(2, "service", np.array(services)[kind])
        frame.insert(3, "measure", np.array(measures)[kind])
        return frame

    def _placed(
        self, digits: Sequence[I64], names: Sequence[str], measures: Mapping[str, I64]
    ) -> pd.DataFrame:
        """Measures by what the digits name, the second of which is an area, added up by place."""
        arm, area, *rest = digits
        keys = dict(zip(names, (arm, self.place[area], *rest), strict=True))
        return _counted(keys, measures)

    def _with_states(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Condition, labour-market state and benefit in place of the number of a state."""
        kinds = ("condition", "labour", "benefit")
        for column in [name for name in frame if name.startswith("state")]:
            at = frame.columns.get_loc(column)
            digits = decode(frame.pop(column).to_numpy(), self.layout.states)
            for k, (kind, digit) in enumerate(zip(kinds, digits, strict=True)):
                frame.insert(at + k, column.replace("state", kind), digit)
        return frame

    def _log(self, segment: Segment) -> pd.DataFrame:
        size = len(segment.people)
        ids = np.concatenate([row[2] for row in segment.log])
        lengths = [len(row[2]) for row in segment.log]
        person = segment.people[ids % size]
        area = (person >> np.uint64(40)).astype(np.int64)
        log = pd.DataFrame(
            {
                "arm": ids // size,
                "area": self.place[area],
                "day": np.repeat([row[0] for row in segment.log], lengths),
                "order": np.repeat([row[1] for row in segment.log], lengths),
                "person": person,
                "event": np.repeat([row[3] for row in segment.log], lengths),
                "detail": np.concatenate([row[4] for row in segment.log]),
            }
        )
        # Batches are numbered as they come; what counts is the order of one person's events.
        one_day = ["arm", "person", "day"]
        log = log.sort_values([*one_day, "order"], ignore_index=True)
        log["order"] = log.groupby(one_day).cumcount()
        return log

    # ---- labels -----------------------------------------------------------------------------------------

    def labelled(
        self, frames: Mapping[str, Sequence[pd.DataFrame]], scenarios: Sequence[str]
    ) -> RunTables:
        """Join the frames of all tasks and put labels in place of codes."""
        joined = {}
        for name in ("stocks", "flows", "events", "waits", "spells"):
            joined[name] = _summed(pd.concat(frames[name], ignore_index=True))
        if "log" in frames:
            log = pd.concat(frames["log"], ignore_index=True)
            joined["log"] = log.sort_values(
                ["scenario", "seed", "day", "person", "order"], ignore_index=True
            )
        return RunTables(**{name: self._label(frame, scenarios) for name, frame in joined.items()})

    def _label(self, frame: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
        frame["scenario"] = _categories(frame["scenario"], scenarios)
        if "area" in frame:
            frame["area"] = _categories(frame["area"], self.area_codes)
        if "month" in frame:
            days, month = np.unique(frame["month"].to_numpy(), return_inverse=True)
            frame["month"] = pd.Categorical.from_codes(month, [f"{date_of(d):%Y-%m}" for d in days])
        if "day" in frame:
            frame["day"] = pd.to_datetime(frame["day"], unit="D", origin=pd.Timestamp(EPOCH))
        for suffix in ("", "_from", "_to"):
            for name in ("condition", "labour", "benefit"):
                if name + suffix in frame:
                    frame[name + suffix] = _categories(frame[name + suffix], LABELS[name])
        return self._label_events(frame) if "event" in frame else frame

    def _label_events(self, frame: pd.DataFrame) -> pd.DataFrame:
        event, detail = frame["event"].to_numpy(), frame["detail"].to_numpy()
        known = sorted({label for details in self.details for label in details})
        number = {label: k for k, label in enumerate(known)}
        lookup = np.zeros((len(self.events), DETAILS), np.int64)
        for k, details in enumerate(self.details):
            lookup[k, : len(details)] = [number[label] for label in details]
        labels = pd.Categorical.from_codes(lookup[event, detail], known)
        if "days" not in frame:
            frame["event"] = _categories(frame["event"], self.events)
            frame["detail"] = labels
            return frame
        kinds = [SPELLS[self.events[k]] for k in event]
        frame["kind"], frame["outcome"] = [k for k, _ in kinds], [o for _, o in kinds]
        frame["length_band"] = labels
        return frame.drop(columns=["event", "detail"])


def _for_arms(frame: pd.DataFrame, arms: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Rows of an arm of the world again for every arm of the task that it stands for."""
    counts = np.array([len(arm) for arm in arms])
    arm = frame.pop("arm").to_numpy()
    rows = np.repeat(np.arange(len(frame)), counts[arm])
    start = np.repeat(np.cumsum(counts[arm]) - counts[arm], counts[arm])
    which = np.arange(len(rows)) - start
    first = np.cumsum(counts) - counts
    flat = np.array([number for arm in arms for number in arm])
    frame = frame.take(rows).reset_index(drop=True)
    frame.insert(0, "arm", flat[first[arm[rows]] + which])
    return frame


def _counted(keys: Mapping[str, I64], measures: Mapping[str, I64]) -> pd.DataFrame:
    """Measures added up over rows with equal keys, in the order of the keys."""
    sizes = [int(key.max(initial=0)) + 1 for key in keys.values()]
    codes = np.ravel_multi_index(list(keys.values()), sizes)
    different, which = np.unique(codes, return_inverse=True)
    frame = pd.DataFrame(dict(zip(keys, decode(different, sizes), strict=True)))
    for name, values in measures.items():
        # Sums of whole numbers far below 2**53 are exact.
        frame[name] = np.bincount(which, values, len(different)).astype(np.int64)
    return frame


def _summed(frame: pd.DataFrame) -> pd.DataFrame:
    """Add up rows with equal keys; nearly always there are none, once areas are kept apart."""
    measures = [c for c in frame if c in ("people", "person_days", "count", "days", "value")]
    keys = [c for c in frame if c not in measures]
    if not frame.duplicated(keys).any():
        return frame
    return frame.groupby(keys, as_index=False, sort=False, observed=True)[measures].sum()


def _categories(codes: pd.Series, labels: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes.to_numpy(np.int64), list(labels))
