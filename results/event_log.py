"""The event log of a run for process-mining tools: CSV, XES and OCEL 2.0.

One log is one scenario and replication; a case is a person. All times are simulated. Events fall on
whole days: the seconds of a time only keep the order of the events of a person within a day.

Sources: IEEE 1849-2023 (XES); Berti and others, OCEL 2.0 specification (2024), JSON format.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, Literal
from xml.sax.saxutils import quoteattr

import pandas as pd

from sim.explained import ExplainedError
from sim.model import STEPS

Format = Literal["csv", "xes", "ocel"]

COLUMNS: Final = {
    "case:concept:name": "The person, by number; has one number in all scenarios.",
    "concept:name": "What happened; see the list of events.",
    "time:timestamp": "Simulated day in ISO 8601; seconds keep the order within the day.",
    "lifecycle:transition": "Always `complete`: events have no length.",
    "org:resource": "The step of the pathway that acted, and the area.",
    "detail": "Which kind of the event.",
    "sequence": "Number of the event in its case, from 1.",
    "case:scenario": "Name of the scenario.",
    "case:replication": "Seed of the replication.",
    "case:area": "Code of the area.",
}
"""Columns of the CSV file, named as XES names them."""
_STEP_OF: Final = {event: step.name for step in STEPS for event in step.events}

_OBJECTS: Final[dict[str, tuple[str, str]]] = {
    "fit_note": ("fit_note", "issued"),
    "claim": ("claim", "opened"),
    "hands_in_note": ("claim", "changed"),
    "esa_migration": ("claim", "moved"),
    "threshold_move": ("claim", "changed"),
    "leaves_benefit": ("claim", "closed"),
    "claim_closed": ("claim", "closed"),
    "wca_referral": ("assessment", "opened"),
    "wca_decision": ("assessment", "closed"),
    "sanction": ("sanction", "opened"),
    "sanction_end": ("sanction", "closed"),
    "workwell_referral": ("workwell_place", "opened"),
    "workwell_start": ("workwell_place", "started"),
    "workwell_contact": ("workwell_place", "used"),
    "workwell_end": ("workwell_place", "closed"),
    "workwell_gave_up": ("workwell_place", "closed"),
    "job_start": ("job", "opened"),
    "job_loss": ("job", "closed"),
    "left_work_sick": ("job", "closed"),
}
"""The object that an event is about besides the person: its type, and what happens to it."""
_OPENS: Final = ("opened", "issued")
_CLOSES: Final = ("closed", "issued")


class EventLogError(ExplainedError):
    """A run has no event log to export; the message says what to do."""


def logs(log: pd.DataFrame | None) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Each scenario and seed of a log, with its events in the columns of :data:`COLUMNS`.

    Raises
    ------
    EventLogError
        When the run kept no log.
    """
    if log is None or log.empty:
        raise EventLogError(
            "The run kept no event log. Make it again with one, for example: "
            "fitflow compare baseline workwell_pilots --log 50."
        )
    for (scenario, seed), rows in log.groupby(["scenario", "seed"], observed=True, sort=True):
        yield str(scenario), int(seed), _columns(rows)


def _columns(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.sort_values(["person", "day", "order"], kind="stable")
    days = rows["day"].astype("datetime64[s]")
    second = rows.groupby(["person", "day"], sort=False).cumcount()
    times = (days + pd.to_timedelta(second, unit="s")).dt.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    event, area = rows["event"].astype(str), rows["area"].astype(str)
    return pd.DataFrame(
        {
            "case:concept:name": rows["person"].astype(str),
            "concept:name": event,
            "time:timestamp": times,
            "lifecycle:transition": "complete",
            "org:resource": event.map(_STEP_OF) + ", " + area,
            "detail": rows["detail"].astype(str),
            "sequence": rows.groupby("person", sort=False).cumcount() + 1,
            "case:scenario": rows["scenario"].astype(str),
            "case:replication": rows["seed"],
            "case:area": area,
        }
    ).reset_index(drop=True)


def to_csv(events: pd.DataFrame) -> bytes:
    """A log as CSV."""
    text: str = events.to_csv(index=False, lineterminator="\n")
    return text.encode()


# ---- XES ----------------------------------------------------------------------------------------

_EXTENSIONS: Final = {
    "concept": "Concept", "time": "Time", "lifecycle": "Lifecycle", "org": "Organizational",
}  # fmt: skip
_OF_EVENT: Final = ("concept:name", "lifecycle:transition", "org:resource", "detail")


def to_xes(events: pd.DataFrame) -> bytes:
    """A log as XES: a trace a person, with typed attributes and a classifier by event."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<log xes.version="1849-2023" xes.features="" xmlns="http://www.xes-standard.org/">',
        *(
            f'  <extension name="{name}" prefix="{prefix}" '
            f'uri="http://www.xes-standard.org/{"org" if prefix == "org" else prefix}.xesext"/>'
            for prefix, name in _EXTENSIONS.items()
        ),
        '  <global scope="trace">',
        _attribute("string", "concept:name", "unknown", 4),
        "  </global>",
        '  <global scope="event">',
        _attribute("string", "concept:name", "unknown", 4),
        _attribute("date", "time:timestamp", "1970-01-01T00:00:00+00:00", 4),
        _attribute("string", "lifecycle:transition", "complete", 4),
        "  </global>",
        '  <classifier name="Event" keys="concept:name"/>',
    ]
    for person, trace in events.groupby("case:concept:name", sort=False):
        first = trace.iloc[0]
        lines += [
            "  <trace>",
            _attribute("string", "concept:name", str(person), 4),
            _attribute("string", "scenario", first["case:scenario"], 4),
            _attribute("int", "replication", first["case:replication"], 4),
            _attribute("string", "area", first["case:area"], 4),
        ]
        for event in trace.to_dict("records"):
            lines.append("    <event>")
            lines += [_attribute("string", key, event[key], 6) for key in _OF_EVENT]
            lines.append(_attribute("date", "time:timestamp", event["time:timestamp"], 6))
            lines.append(_attribute("int", "sequence", event["sequence"], 6))
            lines.append("    </event>")
        lines.append("  </trace>")
    return "\n".join([*lines, "</log>", ""]).encode()


def _attribute(kind: str, key: str, value: object, indent: int) -> str:
    return f'{" " * indent}<{kind} key="{key}" value={quoteattr(str(value))}/>'


# ---- OCEL ---------------------------------------------------------------------------------------


class _Objects:
    """The objects of one log: people, and what they hold, opened and closed as events say."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}
        self._open: dict[tuple[str, str], str] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def person(self, number: str, area: str) -> str:
        """The object of a person, made when it is first seen."""
        name = f"person-{number}"
        if name not in self.found:
            time = "1970-01-01T00:00:00Z"
            area_now = {"name": "area", "time": time, "value": area}
            self.found[name] = _object(name, "person", [area_now])
        return name

    def of_event(self, person: str, event: str) -> tuple[str, str] | None:
        """The object that an event is about, and what happens to it; None where there is none."""
        if event not in _OBJECTS:
            return None
        kind, what = _OBJECTS[event]
        key = (person, kind)
        if what in _OPENS or key not in self._open:
            self._counts[key] = self._counts.get(key, 0) + 1
            name = f"{kind}-{person.removeprefix('person-')}-{self._counts[key]}"
            self._open[key] = name
            self.found[name] = _object(name, kind, [])
            link = {"objectId": name, "qualifier": "holds"}
            self.found[person]["relationships"].append(link)
        name = self._open[key]
        if what in _CLOSES:
            del self._open[key]
        return name, what


def _object(name: str, kind: str, attributes: list[dict[str, str]]) -> dict[str, Any]:
    return {"id": name, "type": kind, "attributes": attributes, "relationships": []}


def to_ocel(events: pd.DataFrame) -> bytes:
    """A log as OCEL 2.0 in JSON: people, claims, fit notes, assessments, sanctions, places, jobs.

    An object that was there before the log begins is made by the first event about it.
    """
    objects = _Objects()
    rows = []
    for number, event in enumerate(events.to_dict("records"), start=1):
        person = objects.person(event["case:concept:name"], event["case:area"])
        links = [{"objectId": person, "qualifier": "happens to"}]
        about = objects.of_event(person, event["concept:name"])
        if about:
            links.append({"objectId": about[0], "qualifier": about[1]})
        rows.append(
            {
                "id": f"event-{number}",
                "type": event["concept:name"],
                "time": event["time:timestamp"].replace("+00:00", "Z"),
                "attributes": [
                    {"name": "detail", "value": event["detail"]},
                    {"name": "resource", "value": event["org:resource"]},
                ],
                "relationships": links,
            }
        )
    text = [{"name": "detail", "type": "string"}, {"name": "resource", "type": "string"}]
    types = dict.fromkeys(row["type"] for row in rows)
    kinds = dict.fromkeys(each["type"] for each in objects.found.values())
    area = [{"name": "area", "type": "string"}]
    content = {
        "objectTypes": [{"name": k, "attributes": area if k == "person" else []} for k in kinds],
        "eventTypes": [{"name": name, "attributes": text} for name in types],
        "objects": list(objects.found.values()),
        "events": sorted(rows, key=lambda row: str(row["time"])),
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


WRITERS: Final[dict[str, tuple[str, Callable[[pd.DataFrame], bytes]]]] = {
    "csv": (".csv", to_csv),
    "xes": (".xes", to_xes),
    "ocel": (".ocel.json", to_ocel),
}
"""For each format, how its files end and what writes them."""
