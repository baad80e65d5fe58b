"""Event logs read back: with the standard library here, with a process-mining library elsewhere."""

from __future__ import annotations

import io
import json
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from results.event_log import COLUMNS, WRITERS, EventLogError, logs, to_csv, to_ocel, to_xes

XES = "{http://www.xes-standard.org/}"
DAYS = ["2024-05-01", "2024-05-01", "2024-05-09", "2024-06-01", "2024-06-20", "2024-07-01"]
EVENTS = [
    ("sickness_start", "mental_health"),
    ("fit_note", "not_fit_first_under_5_weeks"),
    ("left_work_sick", "8_to_27_days"),
    ("claim", "uc_fit_note"),
    ("wca_referral", "first"),
    ("wca_decision", "first_lcw"),
]


@pytest.fixture
def log() -> pd.DataFrame:
    """Two people in two scenarios and two replications; the second person's events come first."""
    rows = [
        (scenario, seed, day, order, person, "E54000057", *event)
        for scenario in ("baseline", "reform")
        for seed in (1, 2)
        for person in (2**63 + 7, 5)
        for order, (day, event) in enumerate(zip(DAYS, EVENTS, strict=True))
    ]
    names = ["scenario", "seed", "day", "order", "person", "area", "event", "detail"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"day": "datetime64[ms]", "person": "uint64", "event": "category"})


@pytest.fixture
def events(log: pd.DataFrame) -> pd.DataFrame:
    """The first of its logs."""
    return next(logs(log))[2]


def test_there_is_a_log_for_every_scenario_and_replication(log: pd.DataFrame) -> None:
    found = {(scenario, seed): len(rows) for scenario, seed, rows in logs(log)}
    assert found == {(s, r): 12 for s in ("baseline", "reform") for r in (1, 2)}


def test_a_run_without_a_log_is_told_how_to_keep_one() -> None:
    with pytest.raises(EventLogError, match="--log"):
        list(logs(None))


def test_csv_has_the_columns_of_process_mining_and_keeps_the_order(events: pd.DataFrame) -> None:
    back = pd.read_csv(io.BytesIO(to_csv(events)), dtype={"case:concept:name": str})
    assert list(back.columns) == list(COLUMNS)
    # The largest numbers of people do not fit a signed integer.
    assert set(back["case:concept:name"]) == {"5", str(2**63 + 7)}
    for _, case in back.groupby("case:concept:name"):
        assert case["concept:name"].tolist() == [event for event, _ in EVENTS]
        assert case["time:timestamp"].is_monotonic_increasing
        assert case["time:timestamp"].is_unique
        assert case["sequence"].tolist() == [1, 2, 3, 4, 5, 6]
        assert case["time:timestamp"].str[:10].tolist() == DAYS


def test_xes_reads_back_event_by_event(events: pd.DataFrame) -> None:
    root = ET.fromstring(to_xes(events))
    assert root.tag == f"{XES}log"
    prefixes = {each.get("prefix") for each in root.iter(f"{XES}extension")}
    read = []
    for trace in root.iter(f"{XES}trace"):
        person = {a.get("key"): a.get("value") for a in trace if a.tag != f"{XES}event"}
        for event in trace.iter(f"{XES}event"):
            found = {a.get("key"): a.get("value") for a in event}
            read.append((person["concept:name"], *(found[k] for k in list(COLUMNS)[1:6])))
            assert {key.partition(":")[0] for key in found if ":" in key} <= prefixes
    expected = events[list(COLUMNS)[:6]].astype(str).to_numpy().tolist()
    assert [list(row) for row in read] == expected
    first = next(root.iter(f"{XES}event"))
    kinds = {a.get("key"): a.tag.removeprefix(XES) for a in first}
    assert (kinds["time:timestamp"], kinds["sequence"]) == ("date", "int")


def test_xes_can_hold_any_text(events: pd.DataFrame) -> None:
    odd = events.assign(detail="<\"&'> £")
    (detail, *_) = (
        a.get("value") for a in ET.fromstring(to_xes(odd)).iter() if a.get("key") == "detail"
    )
    assert detail == "<\"&'> £"


def test_ocel_links_every_event_to_its_person_and_what_it_is_about(events: pd.DataFrame) -> None:
    content = json.loads(to_ocel(events))
    objects = {each["id"]: each for each in content["objects"]}
    assert len(objects) == len(content["objects"])
    assert {each["type"] for each in content["objects"]} == {
        each["name"] for each in content["objectTypes"]
    }
    assert {each["type"] for each in content["events"]} == {
        each["name"] for each in content["eventTypes"]
    }
    links = [link["objectId"] for each in content["events"] for link in each["relationships"]]
    links += [link["objectId"] for each in objects.values() for link in each["relationships"]]
    assert set(links) == set(objects)
    assert len(content["events"]) == len(events)
    times = [each["time"] for each in content["events"]]
    assert times == sorted(times)
    # One assessment a person, opened by the referral and closed by the decision.
    about = {
        each["type"]: [(link["objectId"], link["qualifier"]) for link in each["relationships"][1:]]
        for each in content["events"]
        if each["relationships"][0]["objectId"] == "person-5"
    }
    assert about["wca_referral"] == [("assessment-5-1", "opened")]
    assert about["wca_decision"] == [("assessment-5-1", "closed")]
    # The job was there before the log began: the event that ends it makes it.
    assert about["left_work_sick"] == [("job-5-1", "closed")]
    assert about["sickness_start"] == []


def test_what_was_closed_is_not_used_again(events: pd.DataFrame) -> None:
    twice = pd.concat([events, events.assign(**{"time:timestamp": "2025-01-01T00:00:00+00:00"})])
    content = json.loads(to_ocel(twice))
    about = [
        link["objectId"]
        for each in content["events"]
        for link in each["relationships"][1:]
        if each["relationships"][0]["objectId"] == "person-5"
    ]
    # Lost twice without a start in between: two jobs; and two assessments with both their ends.
    assert sum(name.startswith("job-") for name in set(about)) == 2
    assert about.count("assessment-5-1") == about.count("assessment-5-2") == 2


READ_BACK = """
import sys
import pandas as pd, pm4py
csv, xes, ocel = sys.argv[1:]
table = pd.read_csv(csv, dtype=str)
back = pm4py.read_xes(xes)
keys = ["case:concept:name", "concept:name"]
order = ["case:concept:name", "time:timestamp"]
assert back.sort_values(order)[keys].values.tolist() == table.sort_values(order)[keys].values.tolist()
found = pm4py.read_ocel2_json(ocel)
assert len(found.events) == len(table), (len(found.events), len(table))
assert (found.objects["ocel:type"] == "person").sum() == table[keys[0]].nunique()
"""


@pytest.mark.skipif(
    "FITFLOW_PM4PY_PYTHON" not in os.environ,
    reason="names no Python with pm4py; `make readback` makes one of its own",
)
def test_a_process_mining_library_reads_the_same_events(
    events: pd.DataFrame, tmp_path: Path
) -> None:
    paths = []
    for ending, write in WRITERS.values():
        paths.append(tmp_path / f"log{ending}")
        paths[-1].write_bytes(write(events))
    python = os.environ["FITFLOW_PM4PY_PYTHON"]
    subprocess.run([python, "-c", READ_BACK, *map(str, paths)], check=True, timeout=120)
