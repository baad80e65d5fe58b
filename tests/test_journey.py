from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from sim.example_journey import FEATURES, best_match, features_of, workwell_areas
from sim.journey import NoSuchPersonError, merged, portray, tell
from sim.journey_words import SENTENCES, sentence
from sim.model import EVENTS
from sim.run import simulate
from sim.scenario import Scenario, override
from sim.states import Labour, Sex
from sim.support.programmes import PROGRAMMES
from sim.support.sessions import with_sessions
from sim.support.words import SESSION_SENTENCES
from tests.cli.conftest import run_program
from tests.library import library

MANCHESTER = "E54000057"
SEED = 3


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Scenario]:
    """The baseline and the pilots, in one area and for two years."""
    small = {"scale": 0.0005, "years": 2, "areas": (MANCHESTER,), "warm_up_years": 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FITFLOW_CACHE", str(tmp_path_factory.mktemp("cache")))
        names = ("baseline", "workwell_pilots")
        base, pilots = (library(name).model_copy(update=small) for name in names)
        # Many coaches, so that some of few people meet one.
        change = pilots.changes[0]
        busy = tuple(None if e is None else 50 * e for e in change.entries)
        changes = (change.model_copy(update={"entries": busy}),)
        yield base, pilots.model_copy(update={"changes": changes})


@pytest.fixture(scope="module")
def log(scenarios: tuple[Scenario, Scenario]):
    return simulate(scenarios, [SEED], detail="area", log_people=None)


# ---- Words --------------------------------------------------------------------------------------


def test_every_event_of_the_model_has_a_sentence_and_no_other() -> None:
    assert set(SENTENCES) == set(EVENTS) | set(SESSION_SENTENCES)
    assert {name.removesuffix("_session") for name in SESSION_SENTENCES} == set(PROGRAMMES)
    for event, details in EVENTS.items():
        # A benefit or state that an event never has may lack a sentence of its own.
        assert set(SENTENCES[event]) == set(details), event


@pytest.mark.parametrize("sex", Sex)
def test_sentences_are_plain_english(sex: Sex) -> None:
    other = {Sex.FEMALE: "he|his|him", Sex.MALE: "she|her"}[sex]
    for event, details in SENTENCES.items():
        for detail in details:
            text = sentence(event, detail, sex)
            assert re.fullmatch(r"[A-Z][^{}_]+\.", text), text
            assert not re.search(rf"\b({other})\b", text, re.IGNORECASE), text


def test_a_sentence() -> None:
    assert sentence("workwell_referral", "gp", Sex.MALE) == "The GP refers him to WorkWell."
    assert sentence("job_loss", "searching", Sex.FEMALE) == (
        "She loses her job and starts to look for another."
    )


# ---- Histories ----------------------------------------------------------------------------------


def test_what_happens_in_both_stands_once_and_the_first_difference_is_found() -> None:
    first, second, third = (dt.date(2024, 4, day) for day in (1, 2, 3))
    ill = ("sickness_start", "minor")
    back = ("return_to_work", "up_to_7_days")
    lines, differs = merged(
        {
            "base": [(first, *ill), (third, *back)],
            "reform": [(first, *ill), (second, *back), (third, *ill)],
        },
        Sex.FEMALE,
    )
    assert [(line.day, line.scenarios) for line in lines] == [
        (first, ("base", "reform")),
        (second, ("reform",)),
        (third, ("base",)),
        (third, ("reform",)),
    ]
    assert differs == second


def test_equal_histories_do_not_differ() -> None:
    history = [(dt.date(2024, 4, 1), "death", "all")]
    lines, differs = merged({"base": history, "reform": history}, Sex.MALE)
    assert differs is None
    assert [line.text for line in lines] == ["He dies."]
    assert merged({"base": []}, Sex.MALE) == ((), None)


def test_a_journey_tells_all_events_of_the_log_and_no_other(
    scenarios: tuple[Scenario, Scenario], log
) -> None:
    person = best_match(log.tables.log[log.tables.log["scenario"] == scenarios[1].name]).person
    told = tell(scenarios, SEED, person)
    for scenario in scenarios:
        rows = log.tables.log
        rows = rows[(rows["scenario"] == scenario.name) & (rows["person"] == person)]
        expected = [
            (row.day.date(), sentence(row.event, row.detail, told.portrait.sex))
            for row in rows.itertuples()
        ]
        mine = [(line.day, line.text) for line in told.lines if scenario.name in line.scenarios]
        assert sorted(mine) == sorted(expected)
        assert [day for day, _ in mine] == [day for day, _ in expected]
    assert told.differs is not None
    assert told.differs >= scenarios[1].changes[0].from_
    assert all(len(line.scenarios) == 2 for line in told.lines if line.day < told.differs)
    assert told == tell(scenarios, SEED, person)


def test_the_portrait_fits_what_happens_next(scenarios: tuple[Scenario, Scenario], log) -> None:
    """Whoever goes back to work before falling ill was off sick on the eve of the first day."""
    base = scenarios[0]
    rows = log.tables.log[log.tables.log["scenario"] == base.name]
    firsts = rows.groupby("person").head(1)
    back = firsts.loc[firsts["event"] == "return_to_work", "person"].head(5)
    assert len(back)
    for person in back:
        portrait = portray(base, SEED, MANCHESTER, int(person) & 0xFFFFFFFF)
        assert portrait.person == person
        assert portrait.labour == Labour.OFF_SICK
    text = portrait.text(base.start)
    assert text.startswith(f"Person {portrait.person} lives in Greater Manchester. On 1 April 2024")
    assert f" of {portrait.age} with " in text
    assert "in work, off sick" in text


def test_sessions_are_told_from_the_start_of_support_to_the_day_before_its_end() -> None:
    """Fortnightly for Restart, weekly for IPS; open support goes on to the last day of the run."""
    start = dt.date(2025, 1, 6)
    week = dt.timedelta(weeks=1)
    history = [
        (start, "restart_start", "out_of_work"),
        (start + 2 * week, "fit_note", "not_fit_first_under_5_weeks"),
        (start + 4 * week, "restart_end", "dropped_out"),
        (start + 5 * week, "ips_severe_start", "out_of_work"),
    ]
    scenario = library("baseline").model_copy(update={"years": 1})
    told = with_sessions(history, scenario)
    restart = [day for day, event, _ in told if event == "restart_session"]
    assert restart == [start, start + 2 * week]
    ips = [day for day, event, _ in told if event == "ips_severe_session"]
    assert ips[0] == start + 5 * week
    assert {b - a for a, b in pairwise(ips)} == {week}
    assert scenario.end - week <= ips[-1] < scenario.end
    assert [event for event in told if "session" not in event[1]] == history
    assert told == sorted(told, key=lambda each: each[0])
    assert told.index((start, "restart_session", "held")) == 1


def test_a_record_shows_the_offer_the_start_the_sessions_and_the_end() -> None:
    """Of a person in a crowd of whom all are offered Pathways to Work."""
    base = library("baseline")
    busy = override(
        base.model_copy(
            update={"scale": 0.0003, "years": 1, "areas": (MANCHESTER,), "warm_up_years": 0}
        ),
        {
            "pathways_to_work.places": 400_000,
            "pathways_to_work.call_rate": 6.0,
            "pathways_to_work.take_up_share": 1.0,
            "coach_time.capacity_ratio": 8,
        },
    )
    log = simulate([busy], [SEED], detail="area", log_people=None).tables.log
    ended = log.loc[
        (log["event"] == "pathways_to_work_end") & (log["detail"] == "completed"), "person"
    ]
    texts = [line.text for line in tell([busy], SEED, int(ended.iloc[0])).lines]
    first = texts.index("Pathways to Work support starts, out of work.")
    last = texts.index("Pathways to Work support ends as planned.")
    sessions = texts[first:last].count("She meets her Pathways to Work adviser.")
    sessions += texts[first:last].count("He meets his Pathways to Work adviser.")
    assert sessions == 13  # a fortnight apart in 182 days
    assert any("offered Pathways to Work" in text for text in texts[:first])


def test_nobody_has_a_number_too_high_or_elsewhere(scenarios: tuple[Scenario, Scenario]) -> None:
    first = 34 << 40  # Greater Manchester is the thirty-fifth area
    with pytest.raises(NoSuchPersonError, match=f"have the numbers {first} to"):
        tell(scenarios[:1], SEED, first + 10**6)
    with pytest.raises(NoSuchPersonError, match="in the areas of 'baseline'"):
        tell(scenarios[:1], SEED, 5)


# ---- A person like the published example --------------------------------------------------------

EXAMPLE = [
    ("sickness_start", "musculoskeletal"),
    ("fit_note", "not_fit_first_under_5_weeks"),
    ("workwell_referral", "gp"),
    ("workwell_start", "in_work"),
    ("workwell_contact", "assessment"),
    ("workwell_contact", "physiotherapy"),
    ("workwell_contact", "counselling"),
    ("workwell_contact", "hr_adviser"),
    ("return_to_work", "5_to_6_weeks"),
    ("workwell_contact", "training"),
    ("workwell_contact", "social_prescribing"),
    ("workwell_contact", "debt_housing_advice"),
    ("workwell_contact", "check_in"),
    ("workwell_end", "completed"),
]


def test_the_published_example_has_every_feature() -> None:
    assert features_of(EXAMPLE) == tuple(FEATURES)


@pytest.mark.parametrize(
    ("left_out", "lost"),
    [
        (0, {"ill", }),
        (1, {"signed_off"}),
        (3, set(FEATURES)),
        (5, {"physiotherapy"}),
        (8, {"back", "checked_in"}),
        (12, {"checked_in"}),
        (13, {"completed"}),
    ],
)  # fmt: skip
def test_each_event_brings_its_feature(left_out: int, lost: set[str]) -> None:
    history = [event for k, event in enumerate(EXAMPLE) if k != left_out]
    assert set(FEATURES) - set(features_of(history)) == lost


def test_a_spell_that_was_over_before_the_referral_does_not_count() -> None:
    over = [*EXAMPLE[:2], ("return_to_work", "8_to_27_days"), *EXAMPLE[2:]]
    assert set(FEATURES) - set(features_of(over)) == {"ill", "signed_off"}


def test_a_check_in_before_the_return_does_not_count() -> None:
    early = [*EXAMPLE[:8], ("workwell_contact", "check_in"), *EXAMPLE[8:12], EXAMPLE[13]]
    assert set(FEATURES) - set(features_of(early)) == {"checked_in"}


def test_the_best_of_several_times_in_workwell_counts() -> None:
    again = [("workwell_referral", "self"), ("workwell_start", "out_of_work")]
    assert features_of([*EXAMPLE, *again]) == tuple(FEATURES)
    assert features_of([*again, *EXAMPLE]) == tuple(FEATURES)
    assert features_of([]) == ()


def test_the_best_match_has_the_highest_score_and_lowest_number(
    scenarios: tuple[Scenario, Scenario], log
) -> None:
    rows = log.tables.log[log.tables.log["scenario"] == scenarios[1].name]
    match = best_match(rows)
    assert match is not None
    scores = {
        person: len(
            features_of(list(zip(g["event"].astype(str), g["detail"].astype(str), strict=True)))
        )
        for person, g in rows.groupby("person")
    }
    assert match.score == max(scores.values()) > 0
    assert match.person == min(p for p, score in scores.items() if score == match.score)
    assert best_match(rows[rows["event"] == "fit_note"]) is None


def test_areas_in_which_workwell_runs() -> None:
    assert workwell_areas(library("baseline")) == ()
    reached = workwell_areas(library("workwell_pilots"))
    assert len(reached) == 15
    assert MANCHESTER in reached


# ---- The command --------------------------------------------------------------------------------


def fitflow(*words: str) -> subprocess.CompletedProcess[str]:
    return run_program(("journey", *words), Path.cwd(), dict(os.environ))


def test_the_command_tells_a_journey_with_and_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FITFLOW_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "short.yaml"
    file.write_text(
        "name: short\ntitle: Short\ndescription: A short one.\nyears: 2\nscale: 0.001\n"
        "areas: [Black Country]\nwarm_up_years: 0\n"
    )
    words = ("--scenario", str(file), "--like", "example", "--workers", "1")
    done = fitflow(*words)
    assert done.returncode == 0, done.stderr
    assert re.search(r"most like the published journey: \d+ of its 13 features", done.stdout)
    assert "lives in Black Country. On 1 April 2024" in done.stdout
    assert "Without: Short. With: WorkWell pilots." in done.stdout
    assert done.stdout.count("--- from here on, the two histories differ ---") == 1
    person = re.search(r"Person (\d+)", done.stdout)[1]
    alone = fitflow("--scenario", str(file), "--person", person)
    assert alone.returncode == 0
    assert "histories" not in alone.stdout
    assert "WorkWell" not in alone.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Say who"),
        (["--person", "5", "--areas", "Dorset"], "There is no person 5"),
        (["--like", "example", "--areas", "Dorset"], "Nobody starts WorkWell"),
    ],
)
def test_mistakes(words: list[str], message: str) -> None:
    done = fitflow(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
