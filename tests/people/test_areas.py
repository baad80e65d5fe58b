from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import scenarios
from sim.people import read_areas
from sim.people.imputation import fit_note_rates, residents_aged_65
from sim.people.sources import figures

DATA = Path(next(iter(scenarios.__path__))) / "data"


def test_the_42_boards_of_england_and_wales():
    areas = read_areas()
    assert len(areas) == 43
    assert areas.in_england.sum() == 42
    assert areas.code[-1] == "W92000004"
    assert len(set(areas.code)) == len(set(areas.short_name)) == 43


def test_residents_have_the_published_total():
    areas = read_areas()
    people = areas.residents[areas.in_england].sum()
    assert people == figures()["england_16_64"] == 35_901_211
    np.testing.assert_array_equal(areas.by_sex.sum(axis=1), areas.residents.sum(axis=1))


def test_residents_of_18_to_65_have_the_published_total():
    with (DATA / "areas.csv").open(encoding="utf-8") as stream:
        published = sum(int(row["p18_65"]) for row in csv.DictReader(stream) if row["p18_65"])
    assert published == figures()["england_18_65"]


def test_imputed_residents_of_65_follow_their_rule():
    areas = read_areas()
    np.testing.assert_allclose(areas.aged_65, residents_aged_65(areas), atol=0.51)
    in_england = areas.aged_65[areas.in_england].sum()
    assert in_england == pytest.approx(figures()["england_65"], abs=21)


def test_fit_notes_add_to_the_published_total():
    areas = read_areas()
    notes = (areas.fit_notes * areas.residents.sum(axis=1) / 1000)[areas.in_england].sum()
    assert notes == pytest.approx(11_000_000, abs=200)


def test_imputed_fit_notes_follow_their_rule():
    areas = read_areas()
    assert areas.fit_notes_published.sum() == 15
    np.testing.assert_allclose(areas.fit_notes, fit_note_rates(areas), atol=0.02)


def test_the_pilots_are_the_boards_with_published_fit_notes():
    areas = read_areas()
    np.testing.assert_array_equal(areas.workwell_pilot, areas.fit_notes_published)


def test_an_unknown_code_is_named():
    with pytest.raises(ValueError, match="no area has the code 'E99'"):
        read_areas().numbers(["E54000008", "E99"])


def test_every_column_of_the_areas_has_a_source():
    with (DATA / "areas.csv").open(encoding="utf-8") as stream:
        columns = set(csv.DictReader(stream).fieldnames or ())
    with (DATA / "areas_sources.csv").open(encoding="utf-8") as stream:
        named = " ".join(row["column"] for row in csv.DictReader(stream))
    assert columns - set(named.replace(",", " ").replace("(", " ").split()) == set()
