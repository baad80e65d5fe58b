"""Exact laws of queues in whole days, worked out as Markov chains.

A day goes like this: support ends, people give up, people come, free places are filled. Support and patience
are geometric where the theory has exponentials; arrivals are Poisson batches. Waits are first come,
first served. Laws start from an empty clinic, so no day is thrown away as a warm-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from scipy import stats

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

_TAIL = 1e-13


@dataclass(frozen=True)
class Clinic:
    """A clinic of some servers. Times are in days, rates per day; lengths are geometric, or fixed days."""

    servers: int
    arrivals: float
    ends: float = 0.0
    gives_up: float = 0.0
    fixed_days: int = 0
    loses: bool = False
    most: int = 160


@dataclass(frozen=True)
class Account:
    """What is to be expected of one clinic that is empty at first.

    ``in_clinic`` is the law of the number of people there on the last evening. ``waits[k]`` is the expected
    number of those who come and start after ``k`` days; ``gave_up`` of those who leave without having started.
    """

    in_clinic: F64
    waits: F64
    gave_up: float


# ---- Random lengths: M/M/c, Erlang A, Erlang B ---------------------------------------------------


def after_ends(clinic: Clinic) -> F64:
    """From people there in the evening to those left after tomorrow's ends and giving up."""
    size = clinic.most + 1
    change = np.zeros((size, size))
    for n in range(size):
        busy = min(n, clinic.servers)
        ended = stats.binom.pmf(np.arange(busy + 1), busy, clinic.ends)
        gone = stats.binom.pmf(np.arange(n - busy + 1), n - busy, clinic.gives_up)
        change[n, n::-1] = np.convolve(ended, gone)
    return change


def batch(rate: float) -> F64:
    """Law of the number who come in a day."""
    law = stats.poisson(rate)
    return law.pmf(np.arange(int(law.isf(_TAIL)) + 2))


def after_arrivals(clinic: Clinic) -> F64:
    """From people left in the morning to those there in the evening."""
    size, come = clinic.most + 1, batch(clinic.arrivals)
    change = np.zeros((size, size))
    top = clinic.servers if clinic.loses else clinic.most
    for k, chance in enumerate(come):
        change[np.arange(size), np.minimum(np.arange(size) + k, top)] += chance
    return change


def met(clinic: Clinic, morning: F64) -> F64:
    """Expected number of arrivals in a day by the people who are before them, those of their batch included."""
    more_than = 1 - np.cumsum(batch(clinic.arrivals))
    return np.convolve(morning, np.maximum(more_than, 0.0))


def fates(clinic: Clinic, days: int) -> tuple[F64, F64]:
    """Chance to start after k days of waiting, and to give up, by people before one in line.

    Returns
    -------
    starts : float array, shape (places in line, days + 1)
    gives_up : float array, shape (places in line,)
        Within so many days.
    """
    line = clinic.most + 1
    ended = stats.binom.pmf(np.arange(clinic.servers + 1), clinic.servers, clinic.ends)
    onward, served = np.zeros((line, line)), np.zeros(line)
    for ahead in range(line):
        gone = stats.binom.pmf(np.arange(ahead + 1), ahead, clinic.gives_up)
        for left, chance in enumerate(gone[::-1]):
            for done, other in enumerate(ended):
                if done > left:
                    served[ahead] += chance * other
                else:
                    onward[ahead, left - done] += chance * other
    stay = 1 - clinic.gives_up
    starts, gives_up = np.zeros((line, days + 1)), np.zeros(line)
    still = np.eye(line)
    for day in range(1, days + 1):
        gives_up += still.sum(axis=1) * clinic.gives_up
        starts[:, day] = stay * still @ served
        still = stay * still @ onward
    return starts, gives_up


def account(clinic: Clinic, days: int, longest: int) -> Account:
    """What is to be expected of ``days`` of arrivals, where waits of up to ``longest`` days are followed."""
    if clinic.fixed_days:
        return _fixed_account(clinic, days, longest)
    ends, comes = after_ends(clinic), after_arrivals(clinic)
    evening = np.eye(clinic.most + 1)[0]
    before = np.zeros(2 * clinic.most)
    for _ in range(days):
        morning = evening @ ends
        found = met(clinic, morning)
        before[: len(found)] += found
        evening = morning @ comes
    assert clinic.loses or evening[-1] < 1e-9, (
        "the clinic may hold more people than the law has room for"
    )
    at_once, in_line = before[: clinic.servers].sum(), before[clinic.servers :][: clinic.most + 1]
    if clinic.loses:
        return Account(evening, np.append(at_once, np.zeros(longest)), float(in_line.sum()))
    starts, gives_up = fates(clinic, longest)
    waits = in_line @ starts[: len(in_line)]
    waits[0] += at_once
    return Account(evening, waits, float(in_line @ gives_up[: len(in_line)]))


def stationary(change: F64) -> F64:
    """The stationary law of a transition matrix, without subtractions, so that small shares are exact too.

    Source: Grassmann, Taksar and Heyman (1985), Operations Research 33:1107.
    """
    matrix = change.copy()
    for last in range(len(matrix) - 1, 0, -1):
        matrix[:last, last] /= matrix[last, :last].sum()
        matrix[:last, :last] += np.outer(matrix[:last, last], matrix[last, :last])
    law = np.ones(1)
    for last in range(1, len(matrix)):
        law = np.append(law, law @ matrix[:last, last])
    return law / law.sum()


# ---- Fixed lengths: M/D/c ------------------------------------------------------------------------


def _fixed_account(clinic: Clinic, days: int, longest: int) -> Account:
    """Waits by the vector of work before each server; people there by Crommelin's argument.

    Sources: Kiefer and Wolfowitz (1955), Transactions AMS 78:1; Crommelin (1932), Post Office Electrical
    Engineers Journal 25:41.
    """
    long, servers = clinic.fixed_days, clinic.servers
    states = [
        (least, *(least + more for more in spread))
        for least in range(clinic.most)
        for spread in combinations_with_replacement(range(long + 1), servers - 1)
    ]
    number = {state: k for k, state in enumerate(states)}
    last = len(states) - 1
    least = np.array([state[0] for state in states])
    taken = np.array([number.get(tuple(sorted((s[0] + long, *s[1:]))), last) for s in states])
    next_day = np.array([number[tuple(max(work - 1, 0) for work in s)] for s in states])
    come = batch(clinic.arrivals)
    more_than = np.maximum(1 - np.cumsum(come), 0.0)
    law, waits = np.eye(len(states))[0], np.zeros(clinic.most)
    for _ in range(days):
        seen = np.bincount(next_day, law, len(states))
        law = come[0] * seen
        for k, chance in enumerate(come[1:]):
            waits += more_than[k] * np.bincount(least, seen, clinic.most)
            seen = np.bincount(taken, seen, len(states))
            law = law + chance * seen
    assert law[least > clinic.most - 2].sum() < 1e-9
    return Account(_crommelin(clinic, days), waits[: longest + 1], 0.0)


def _crommelin(clinic: Clinic, days: int) -> F64:
    """People there on an evening: those who waited a length ago, and all who have come since."""
    people = np.arange(clinic.most + 1)
    first = days % clinic.fixed_days
    law = stats.poisson.pmf(people, clinic.arrivals * first)
    since = stats.poisson.pmf(people, clinic.arrivals * clinic.fixed_days)
    for _ in range(days // clinic.fixed_days):
        waiting = np.append(law[: clinic.servers + 1].sum(), law[clinic.servers + 1 :])
        law = np.convolve(waiting, since)[: clinic.most + 1]
    return law


# ---- So many a day -------------------------------------------------------------------------------


def throughput_account(
    quarters: int, arrivals: float, days: int, longest: int, most: int
) -> Account:
    """What is to be expected where ``quarters / 4`` people a day are served; unused parts of one are kept.

    Quarters are exact in binary, so the credit of the service is one of few numbers.
    """
    credits, come = quarters + 5, batch(arrivals)
    more_than = np.maximum(1 - np.cumsum(come), 0.0)
    law, waits = np.zeros((most + 1, credits)), np.zeros(longest + 1)
    law[0, 0] = 1.0
    ahead = np.arange(most + 1)
    for _ in range(days):
        evening = np.zeros_like(law)
        for credit in range(credits):
            today = min(credit + quarters, quarters + 4)
            for k, chance in enumerate(come):
                days_to = np.maximum(-((today - 4 * (ahead + k + 1)) // quarters), 0)
                kept = days_to <= longest
                waits += np.bincount(days_to[kept], more_than[k] * law[kept, credit], longest + 1)
                line = np.minimum(ahead + k, most)
                served = np.minimum(line, today // 4)
                np.add.at(evening, (line - served, today - 4 * served), chance * law[:, credit])
        law = evening
    assert law[-1].sum() < 1e-9
    return Account(law.sum(axis=1), waits, 0.0)


# ---- Parts of a place ----------------------------------------------------------------------------


def half_places(
    halves: int, ends: float, arrivals: float, days: int, most: int = 80, deepest: int = 120
) -> tuple[F64, float, float]:
    """People in line and in use where the last place is half a one, open only on some days.

    That place is open while its account is not overdrawn. Every day the account gains what there is and
    pays what is used, and holds nothing above zero.

    Returns
    -------
    law : float array, shape (people in line, places in use)
        On the last evening.
    in_line, in_use : float
        Expected person-evenings.
    """
    whole = halves // 2
    law = np.zeros((most + 1, whole + 2, deepest + 1))  # the last axis is the debt, in halves
    law[0, 0, 0] = 1.0
    debt = np.arange(deepest + 1)
    people, use = np.arange(most + 1), np.arange(whole + 2)
    joins = sum(
        chance * np.eye(most + 1)[np.minimum(people + k, most)]
        for k, chance in enumerate(batch(arrivals))
    )
    in_line = in_use = 0.0
    for _ in range(days):
        evening = np.zeros_like(law)
        for left in use:
            ended = use[left:] - left
            now = np.tensordot(stats.binom.pmf(ended, use[left:], ends), law[:, left:], (0, 1))
            owed = np.clip(debt - halves + 2 * left, 0, deepest)
            paid = joins.T @ now @ np.eye(deepest + 1)[owed]
            for is_open, some in ((True, slice(0, 1)), (False, slice(1, None))):
                free = max(whole + is_open - left, 0)
                for line in range(free):
                    evening[0, left + line, some] += paid[line, some]
                evening[: most + 1 - free, left + free, some] += paid[free:, some]
        law = evening
        in_line += float(people @ law.sum(axis=(1, 2)))
        in_use += float(use @ law.sum(axis=(0, 2)))
    assert max(law[-1].sum(), law[:, :, -1].sum()) < 1e-9
    return law.sum(axis=2), in_line, in_use


# ---- So many people in all -----------------------------------------------------------------------


def closed_clinic(people: int, servers: int, falls_ill: float, ends: float) -> F64:
    """Transitions of the number who are ill, where everybody well can fall ill (Engset; machine repair)."""
    change = np.zeros((people + 1, people + 1))
    for n in range(people + 1):
        busy = min(n, servers)
        ended = stats.binom.pmf(np.arange(busy + 1), busy, ends)
        come = stats.binom.pmf(np.arange(people - n + 1), people - n, falls_ill)
        change[n, n - busy :] = np.convolve(ended[::-1], come)
    return change


# ---- Formulas in continuous time ------------------------------------------------------------------


def erlang_b(servers: int, load: float) -> float:
    """Chance that all servers are busy where nobody waits. Source: Erlang (1917)."""
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """Chance to wait where everybody waits. Source: Erlang (1917)."""
    blocked = erlang_b(servers, load)
    return blocked / (1 - load / servers * (1 - blocked))


def erlang_a(servers: int, load: float, patience: float) -> float:
    """Chance to wait where patience is exponential; ``patience`` in mean lengths of support.

    Source: Palm (1957); as a birth-and-death chain.
    """
    weights = [1.0]
    for n in range(1, servers + 400):
        weights.append(weights[-1] * load / (min(n, servers) + max(n - servers, 0) / patience))
    return sum(weights[servers:]) / sum(weights)
