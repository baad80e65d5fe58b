"""A sweep as the store keeps it: its points, and every arm as it differs from the base."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from sim.output import code_digest, origin
from sim.scenario import Change, Parameter, Reform, Scenario
from sim.sweep.files import Sweep
from sim.sweep.identity import Identity
from sim.sweep.store import SPEC, Block, Store, StoreError, write_whole


@dataclass
class Record:
    """What was kept of a sweep.

    Parameters
    ----------
    name : str
        In the store: the name of the sweep and digits of its content.
    content : mapping
        name, title, description, factors, points, outcomes, detail, keep, base, arms and origin.
    base : Scenario
    """

    name: str
    content: Mapping[str, Any]
    base: Scenario
    _known: dict[str, Scenario] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._identity = Identity(self.content["detail"], self.content["keep"])

    @property
    def version(self) -> str:
        """What planned the sweep."""
        return _planner(self.content)

    @property
    def by_this_version(self) -> bool:
        """Whether the code that planned the sweep is the code that reads it."""
        return bool(self.content["origin"]["code"] == code_digest())

    def scenario(self, arm: str) -> Scenario:
        """The scenario of an arm as it was planned, made of the base and what differs."""
        if arm not in self._known:
            self._known[arm] = self._made(arm)
        return self._known[arm]

    def to_simulate(self, arm: str) -> Scenario:
        """The same, sure to be what its name says when this version of the code simulates it.

        Raises
        ------
        StoreError
            When it is not, as with another version of the code.
        """
        scenario = self.scenario(arm)
        if self._identity.name(scenario) != arm:
            raise StoreError(
                f"{arm} of the sweep {self.name} was planned with another version of fitflow than this "
                "one. Install the same version everywhere, or plan the sweep again."
            )
        return scenario

    def _made(self, arm: str) -> Scenario:
        differs = self.content["arms"][arm]
        try:
            parameters = {
                name: Parameter.model_validate(each) for name, each in differs["parameters"].items()
            }
            changes = tuple(Change.model_validate(each) for each in differs["changes"])
            reforms = tuple(Reform.model_validate(each) for each in differs["reforms"])
        except (ValidationError, KeyError):
            raise _of_another_form(f"{arm} of the sweep {self.name}", self.content) from None
        return self.base.model_copy(
            update={
                "name": arm,
                "title": differs["title"],
                "parameters": {**self.base.parameters, **parameters},
                "changes": changes,
                "reforms": reforms,
            }
        )


def keep_record(store: Store, sweep: Sweep) -> str:
    """Keep a sweep; returns its name in the store."""
    # How many replications there are does not make another sweep of it.
    base = sweep.base.model_copy(update={"seed": 0, "replications": 1}).model_dump(mode="json")
    base_name = _digest(base)
    arms = {name: _differs(scenario, sweep.base) for name, scenario in sweep.scenarios.items()}
    content = {
        "name": sweep.name,
        "title": sweep.title,
        "description": sweep.description,
        "factors": {n: factor.model_dump(mode="json") for n, factor in sweep.factors.items()},
        "points": [
            {"values": point.values, "arm": point.arm, "base": point.base} for point in sweep.points
        ],
        "outcomes": sweep.outcomes,
        "detail": sweep.detail,
        "keep": sweep.keep,
        "base": base_name,
        "arms": arms,
    }
    name = f"{sweep.name}-{_digest(content)[:8]}"
    store.keep_json("bases", base_name, base)
    store.keep_json("sweeps", name, {**content, "origin": origin()})
    return name


def read_record(store: Store, name: str) -> Record:
    """Read a sweep.

    Raises
    ------
    StoreError
        When there is none of the name, or this version of the code cannot read it.
    """
    content = store.read_json("sweeps", name)
    try:
        base = Scenario.model_validate(store.read_json("bases", content["base"]))
        return Record(name, content, base)
    except (ValidationError, KeyError):
        raise _of_another_form(f"The sweep {name}", content) from None


def keep_spec(store: Store, sweep: str, block: Block) -> None:
    """Keep what a worker needs to know of a block."""
    spec = {"sweep": sweep, "arms": block.arms, "seeds": block.seeds, "areas": block.areas}
    write_whole(store.blocks / block.name / SPEC, json.dumps(spec).encode())


def read_spec(store: Store, name: str) -> tuple[str, Block]:
    """The sweep that a block belongs to, and the block.

    Raises
    ------
    StoreError
        When there is no such block.
    """
    path = store.blocks / name / SPEC
    try:
        spec = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path} cannot be read ({error}). Workers need the same folder as whoever runs the sweep."
        ) from None
    return spec["sweep"], Block(tuple(spec["arms"]), tuple(spec["seeds"]), tuple(spec["areas"]))


def _of_another_form(what: str, content: Mapping[str, Any]) -> StoreError:
    return StoreError(
        f"{what} has another form than this version of fitflow reads. "
        f"Read it with the version that planned it: {_planner(content)}."
    )


def _planner(content: Mapping[str, Any]) -> str:
    """The version that planned a sweep, in words."""
    origin = content.get("origin", {})
    version = origin.get("versions", {}).get("fitflow", "of an unknown version")
    return f"fitflow {version}, revision {origin.get('revision') or 'unknown'}"


def _differs(scenario: Scenario, base: Scenario) -> dict[str, Any]:
    return {
        "title": scenario.title,
        "parameters": {
            name: parameter.model_dump(mode="json")
            for name, parameter in scenario.parameters.items()
            if parameter is not base.parameters[name]
        },
        "changes": [change.model_dump(mode="json") for change in scenario.changes],
        "reforms": [reform.model_dump(mode="json") for reform in scenario.reforms],
    }


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
