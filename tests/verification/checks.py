"""Every verification check, declared: what is not run, skipped, or undeclared makes the report fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CHECK, LINE = "verification", "verified"
"""Properties that a test reports: the check that it belongs to, and what it found."""


@dataclass(frozen=True)
class Check:
    """A check: its name, the part of the report it stands in, what it compares, the file of its tests."""

    name: str
    part: str
    compares: str
    where: str


def _checks(part: str, where: str, **compares: str) -> tuple[Check, ...]:
    return tuple(Check(name, part, what, where) for name, what in compares.items())


CHECKS: Final[tuple[Check, ...]] = (
    *_checks(
        "Two engines",
        "tests/reference/test_twin.py",
        twin="Both engines, five years, four reforms and every programme, full services: event for event",
        twin_library="Both engines on scenarios of the library, among them current policy: event for event",
        twin_together="Scenarios side by side in one run, alone, and in the plain engine: every table",
        twin_scenarios="Both engines on scenarios drawn at random: event for event",
        twin_faults="Deliberate faults in one engine: each must be found and told with both histories",
    ),
    *_checks(
        "Services and queueing theory",
        "tests/theory/test_battery.py",
        one_server="One place, random arrivals, memoryless support: waits and people there, with M/M/1 in days",
        four_servers="Four places: waits and people there, with M/M/4 in days (Erlang C)",
        giving_up="Three overloaded places: waits, giving up and people there, with M/M/3+M in days (Erlang A)",
        loss="Three places before which nobody waits: turned away, people there, with Erlang B in days",
        fixed_length_one="One place, support of fixed length: waits and people there, with M/D/1 (Lindley, Crommelin)",
        fixed_length_three="Three places: waits and people there, with M/D/3 (Kiefer and Wolfowitz, Crommelin)",
        quarter_a_day="A quarter of a person served a day: waits and people in line, with the exact chain",
        seven_quarters_a_day="One and three quarters of a person served a day: waits and people in line, likewise",
        part_of_a_place="Two and a half places: line and use on the last evening and over time, with the exact chain",
        closed_clinic="Arrivals by a calendar stream from a small population: the ill on two evenings (Engset)",
    ),
    *_checks(
        "Clocks, shocks and states",
        "tests/theory/test_battery.py",
        competing_shocks="Which of three shocks strikes first, and when, as hazards change (competing exponentials)",
        frequent_shocks="The same of four shocks with hazards of up to 0.45 a day",
        phases="Length of a sojourn in phases, some of which lead back, with the powers of its matrix",
        states="Shares of five states when settled, and moves over 5 and 25 days, with the transition matrix",
        falling_spells="Weibull spells, changes of ratio, censoring: log-rank, Nelson-Aalen, Kaplan-Meier",
        rising_spells="Weibull spells whose hazard rises, likewise",
        log_normal_spells="Log-normal spells, likewise",
        empirical_spells="Spells from an empirical survival curve, likewise",
        stages="Three spells of different laws, one after the other, with the convolution of their laws",
        ageing="Deaths by sex, health and age in the demography step, with the life table of its parameters",
    ),
    *_checks(
        "Limits of the laws",
        "tests/theory/test_limits.py",
        erlang_limits="The laws in ever shorter days, with formulas of Erlang, Palm, Pollaczek and Khinchine",
        chain_limits="Competing shocks and settled states in ever shorter days, with hazards and generator",
    ),
    *_checks(
        "Other engines",
        "tests/theory/test_other_engines.py",
        ciw="Services and Ciw, fed the same arrivals, support and patience: customer by customer",
        epydemix="People who move between states as in epydemix: numbers in each state on two days",
    ),
    *_checks(
        "Identities",
        "tests/theory/test_little.py",
        little_clinics="The clinics of the battery: line and use by evening, with when all came, started and left",
        little_workwell="WorkWell in a run of the model: people in line on all evenings, with the days waited (Little)",
        little_wca="The Work Capability Assessment, likewise",
        little_programmes="The lines of all other programmes, each given some capacity, likewise",
        little_places="Places of WorkWell in use on all evenings, with the days of support in the log of events",
    ),
    *_checks(
        "Controls of the battery",
        "tests/theory/test_battery.py",
        null_control="Samples drawn with numpy from the laws themselves: p-values must be uniform",
        power_control="Laws that are slightly wrong (by 5% to 10%, or a day): each must be found out",
        decision_control="How often the decision calls a right battery wrong, with the declared rate",
    ),
)
"""In the order of the report."""

NAMES: Final = frozenset(check.name for check in CHECKS)
