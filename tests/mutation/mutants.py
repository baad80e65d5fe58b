"""Mutants of a module: its source with one small fault each, made by the operators of mutmut.

Left out are the mutants that break the program at once instead of changing what it computes (a value or an
argument that becomes ``None``), and all but one variant of a changed string: they would only raise the score.
Added is the fault that mutmut lacks and that this code is most open to: a call made for its effect is forgotten.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_assignment
from mutmut.mutation.pragma_handling import IgnoredCode


def forget_call(node: cst.Expr) -> Iterable[cst.Pass]:
    """A statement that only calls something does nothing."""
    if isinstance(node.value, cst.Call):
        yield cst.Pass()


def drop_argument(node: cst.Call) -> Iterable[cst.Call]:
    """An argument of several is dropped."""
    for mutated in operator_arg_removal(node):
        if len(mutated.args) < len(node.args):
            yield mutated


_OURS = {operator_assignment: None, operator_arg_removal: drop_argument}
OPERATORS = [
    *((kind, _OURS.get(op, op)) for kind, op in mutation_operators if _OURS.get(op, op)),
    (cst.Expr, forget_call),
]


@dataclass(frozen=True)
class Mutant:
    """One fault: the lines that it changes, before and after."""

    module: str
    line: int
    was: str
    becomes: str
    source: str

    @property
    def key(self) -> str:
        """What it is called in the files of results; unlike a number, it survives other changes of the module."""
        return f"{self.module}: {self.was} -> {self.becomes}"


class Mutable:
    """A module and all its mutants, in the order of the source."""

    def __init__(self, root: Path, module: str) -> None:
        self.name, self.folder = module, Path(module).parent.name
        self.source = (root / module).read_text(encoding="utf-8")
        wrapper = MetadataWrapper(cst.parse_module(self.source))
        visitor = MutationVisitor(OPERATORS, IgnoredCode(set(), set(), set()))
        self._tree = wrapper.visit(visitor)
        self._where = wrapper.resolve(PositionProvider)
        self._mutations = [m for m in visitor.mutations if _first_of_its_kind(m)]

    def __len__(self) -> int:
        return len(self._mutations)

    @cached_property
    def _lines(self) -> list[str]:
        return self.source.splitlines()

    def mutant(self, number: int) -> Mutant:
        """The mutant with this number."""
        mutation = self._mutations[number]
        source = self._tree.deep_replace(mutation.original_node, mutation.mutated_node).code
        changed = [
            change
            for change in difflib.SequenceMatcher(
                None, self._lines, source.splitlines(), autojunk=False
            ).get_opcodes()
            if change[0] != "equal"
        ]
        first, last = changed[0], changed[-1]
        was = self._lines[first[1] : last[2]]
        becomes = source.splitlines()[first[3] : last[4]]
        return Mutant(self.name, first[1] + 1, _told(was), _told(becomes), source)


def _first_of_its_kind(mutation: Mutation) -> bool:
    """Of the variants of a string, the one that adds letters; every other mutation."""
    mutated = mutation.mutated_node
    return not isinstance(mutated, cst.SimpleString) or "XX" in mutated.value


def _told(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
