"""What a scenario can say about the starting population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from sim.scenario.library import load_parameters
from sim.scenario.models import Parameter

PREFIX: Final = "people."
Curve = tuple[tuple[float, float], ...]
Table = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class PeopleParameters:
    """Values of the ``people.*`` parameters; what each means stands in ``people.yaml``.

    Tuples follow the labels of the file. A curve is a tuple of (day, share that has been there
    longer).
    """

    employment_rate: float
    inactivity_rate: float
    long_term_sick: float
    off_sick_share: float
    condition_share: tuple[float, ...]
    work_limited: tuple[float, ...]
    benefit_stock: tuple[float, ...]
    benefit_growth: tuple[float, ...]
    benefit_in_work: tuple[float, ...]
    aged_65: tuple[float, ...]
    sick_pay_share: float
    sick_inactive_gradient: float
    unemployment_gradient: float
    age_tilt: Table
    earnings_band: Table
    time_in_state: tuple[Curve, ...]
    time_on_benefit: tuple[Curve, ...]

    @staticmethod
    def of(parameters: Mapping[str, Parameter]) -> PeopleParameters:
        """The values that a scenario's parameters have at its start."""

        def number(name: str) -> float:
            return float(parameters[PREFIX + name].dated()[0][1])

        def row(name: str) -> tuple[float, ...]:
            return tuple(parameters[PREFIX + name].dated()[0][1].tolist())

        def table(name: str) -> Table:
            return tuple(tuple(entry) for entry in parameters[PREFIX + name].dated()[0][1].tolist())

        def curves(name: str) -> tuple[Curve, ...]:
            parameter = parameters[PREFIX + name]
            return tuple(_curve(parameter, spec) for spec in parameter.hazard_specs())

        return PeopleParameters(
            employment_rate=number("employment_rate"),
            inactivity_rate=number("inactivity_rate"),
            long_term_sick=number("long_term_sick"),
            off_sick_share=number("off_sick_share"),
            condition_share=row("condition_share"),
            work_limited=row("work_limited"),
            benefit_stock=row("benefit_stock"),
            benefit_growth=row("benefit_growth"),
            benefit_in_work=row("benefit_in_work"),
            aged_65=row("aged_65"),
            sick_pay_share=number("sick_pay_share"),
            sick_inactive_gradient=number("sick_inactive_gradient"),
            unemployment_gradient=number("unemployment_gradient"),
            age_tilt=table("age_tilt"),
            earnings_band=table("earnings_band"),
            time_in_state=curves("time_in_state"),
            time_on_benefit=curves("time_on_benefit"),
        )

    def before(self, years: float) -> PeopleParameters:
        """The same some years earlier, with the benefit groups as large as they were then."""
        stock = tuple(
            people / growth**years
            for people, growth in zip(self.benefit_stock, self.benefit_growth, strict=True)
        )
        return replace(self, benefit_stock=stock)

    @staticmethod
    @cache
    def default() -> PeopleParameters:
        """The values of the library."""
        return PeopleParameters.of(load_parameters())


def _curve(parameter: Parameter, spec: Mapping[str, object]) -> Curve:
    points = spec.get("survival")
    if not isinstance(points, dict):
        kinds = ", ".join(spec)
        raise ValueError(f"{parameter.name} needs survival curves of the time so far, not {kinds}")
    return tuple((float(day), float(share)) for day, share in points.items())
