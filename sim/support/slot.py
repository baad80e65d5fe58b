"""A slot: the programmes of which a person is in one at a time, and what happens in them day by day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.core.draws import choose
from sim.core.queues import SPAN
from sim.core.steps import Step, Stream
from sim.core.world import World
from sim.pathway.person import YEAR
from sim.states import Labour
from sim.support.pools import time_to_refer
from sim.support.programme import (
    AFTER,
    END_DETAILS,
    FADING,
    FADING_SHARE,
    HELPED,
    NOT_IN,
    OFFER_DETAILS,
    STARTED,
    WAITING,
    Bools,
    Effect,
    Occasion,
    Programme,
    columns,
)
from sim.support.service import Courses, Places, Service

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]

FEELS = ("work", "health", "ill", "benefit", "age", "support")


class Quiet(Service):
    """A service of which a month has no row where there was nothing."""

    def month_rows(self, w: World) -> list[tuple[str, str, I64]]:
        """What the recorder keeps of a month, by place; counts start again."""
        return [row for row in super().month_rows(w) if row[2].any()]

    def check(self, w: World) -> None:
        """People are counted anew unless the programme is closed and has nobody: then nobody can have come."""
        closed = self.capacity.idle and not self.capacity.amount(w).any()
        if self.lines.waiting.any() or not closed:
            super().check(w)


class Slot:
    """Moves people through the programmes of a slot; holds no state.

    Parameters
    ----------
    name : str
    number : int
        Its bit in the column ``helped``.
    does : str
        What the step does, for the schedule.
    programmes : sequence of Programme
        In order of priority.
    pool : str or None
        The staff time that its programmes share with one another and with others.
    """

    def __init__(
        self,
        name: str,
        number: int,
        does: str,
        programmes: Sequence[Programme],
        pool: str | None = None,
    ) -> None:
        self.name, self.does, self.pool = name, does, pool
        self.bit = np.uint8(1 << number)
        self.programmes = tuple(programmes)
        self.stage, self.which = f"{name}_stage", f"{name}_programme"
        self.next, self.stream = f"{name}_next", f"{name}_offer"
        self.offers = [
            (k, order, route)
            for k, programme in enumerate(self.programmes, start=1)
            for order, route in enumerate(programme.routes)
        ]

    # ---- hazards ------------------------------------------------------------------------------------------

    def offering(self, w: World, ids: I64, peak: bool) -> F64:
        """Hazard per day of an offer by any route of the calendar stream."""
        rate = self._rates(w, ids, peak)
        return np.zeros(len(ids)) if rate is None else rate.sum(axis=1) / YEAR

    def open_programmes(self, w: World) -> list[tuple[int, Programme, F64]]:
        """Number, programme and capacity by place of those that have capacity anywhere today."""
        return w.settings.kept(w, self._open)

    def _open(self, w: World) -> list[tuple[int, Programme, F64]]:
        sizes = [(k, p, p.size(w)) for k, p in enumerate(self.programmes, start=1)]
        return [each for each in sizes if each[2].any()]

    def places_open(self, w: World) -> Bools:
        """Places in which any programme has capacity today."""
        somewhere = np.zeros(w.arms * w.areas, bool)
        for _, _, size in self.open_programmes(w):
            somewhere |= size > 0
        return somewhere

    def _rates(self, w: World, ids: I64, peak: bool = False) -> F64 | None:
        """Offers a year by each programme and route of the stream, shape (people, offers); None if none."""
        rates = None
        for k, programme, size in self.open_programmes(w):
            may = self._can_be_offered(w, k, ids, size, peak).nonzero()[0]
            if not len(may):
                continue
            if rates is None:
                rates = np.zeros((len(ids), len(self.offers)))
            who = ids[may]
            state = w.people["state"][who]
            for column, (owner, _, route) in enumerate(self.offers):
                if owner == k and route.occasion is None:
                    seen = route.seen.ravel()[state]
                    rate = w.value(route.parameter(programme.name), who) * seen
                    if route.name == "jobcentre":
                        rate = rate * self.referral_ratio(w, who)
                    rates[may, column] = rate
        return rates

    def referral_ratio(self, w: World, ids: I64) -> F64:
        """Ratio on the Jobcentre's offers; a slot whose offers others change replaces this."""
        return np.ones(len(ids))

    def _can_be_offered(self, w: World, k: int, ids: I64, size: F64, peak: bool = False) -> Bools:
        """Eligible, where the programme has capacity, and in no programme of the same or a higher rank."""
        p = w.people
        stage = p[self.stage][ids]
        can: Bools = (stage == NOT_IN) | ((stage == WAITING) & (p[self.which][ids] > k))
        can &= size[w.place_of(ids)] > 0
        some = can.nonzero()[0]
        if len(some):
            can[some] = self.programmes[k - 1].eligible(w, ids[some], peak)
        return can

    def multiply_effect(self, w: World, ids: I64, on: Effect, ratio: F64) -> None:
        """Multiply hazard ratios, in place, by what the slot's programmes do to these people."""
        p = w.people
        which, stage = p[self.which][ids], p[self.stage][ids]
        for k, programme in enumerate(self.programmes, start=1):
            reads = programme.effect_reads(on)
            mine = (which == k).nonzero()[0] if reads else ()
            if not len(mine):
                continue
            at, who = stage[mine], ids[mine]
            share = np.where(
                at == HELPED, 1.0, w.value(f"{programme.name}.effect_after_share", who)
            )
            share = np.where(at == FADING, share * FADING_SHARE, share)
            strength = w.value(f"{programme.name}.{on}_hazard_ratio", who) ** share
            before = 1.0
            if on == "job_finding" and programme.locks_in:
                before = w.value(f"{programme.name}.lock_in_ratio", who)
            ratio[mine] *= np.where(at == STARTED, before, strength)

    # ---- offers -----------------------------------------------------------------------------------------------

    def offer(self, w: World, k: int, order: int, ids: I64) -> None:
        """Offer programme ``k`` by its route number ``order``; who takes it up joins the line."""
        programme = self.programmes[k - 1]
        if len(ids):
            ids = ids[self._can_be_offered(w, k, ids, programme.size(w))]
        if not len(ids):
            return
        p, name = w.people, programme.name
        number = p[f"{self.name}_offers"][ids]
        p[f"{self.name}_offers"][ids] += 1
        w.record(f"{name}_offer", ids, order)
        takes = w.uniform(f"{name}.take_up", ids, number) < w.value(f"{name}.take_up_share", ids)
        w.record(f"{name}_not_started", ids[~takes], OFFER_DETAILS.index("declined"))
        ids, number = ids[takes], number[takes]
        elsewhere = ids[p[self.stage][ids] == WAITING]
        self._leave_line(w, elsewhere, "transferred")
        p[self.which][ids] = k
        p[f"{self.name}_since"][ids] = w.day
        w.services[name].join(w, ids)
        patience = w.exponential(f"{name}.patience", ids, number)
        days = np.ceil(patience * w.value(f"{name}.patience_days", ids)).astype(np.int64)
        self._set(w, ids, WAITING, w.day + np.clip(days, 1, 10_000))

    def offer_at(self, w: World, occasion: Occasion, ids: I64, number: NDArray[np.integer]) -> None:
        """Offers at an occasion of which ``number`` is the count in each person's life."""
        running = {k for k, _, _ in self.open_programmes(w)}
        for k, order, route in self.offers:
            programme = self.programmes[k - 1]
            if route.occasion != occasion or k not in running:
                continue
            seen = route.seen.ravel()[w.people["state"][ids]]
            lot = w.uniform(f"{programme.name}.{route.name}", ids, number)
            chosen = (seen & (lot < w.value(route.parameter(programme.name), ids))).nonzero()[0]
            if route.by_practice:
                can = self._can_be_offered(w, k, ids[chosen], programme.size(w))
                chosen = chosen[can]
                chosen = chosen[time_to_refer(w, ids[chosen], lot[chosen])]
            self.offer(w, k, order, ids[chosen])

    # ---- a day ------------------------------------------------------------------------------------------------

    def act(self, w: World) -> None:
        """Today's offers, what is due, and starts."""
        self._offers_of_the_day(w, w.strikes(self.stream))
        ids = w.due_today(self.next)
        if len(ids):
            self._move_on(w, ids)
        running = {k for k, _, _ in self.open_programmes(w)}
        for k, programme in enumerate(self.programmes, start=1):
            service: Service = w.services[programme.name]
            if k in running or not service.capacity.idle:
                started, away = service.call(w, programme.eligible)
                self._turn_away(w, programme, away)
                self._start(w, k, started)

    def _offers_of_the_day(self, w: World, ids: I64) -> None:
        rates = self._rates(w, ids) if len(ids) else None
        if rates is None:
            return
        some = (rates.sum(axis=1) > 0).nonzero()[0]  # others have lost their way in today
        ids, rates = ids[some], rates[some]
        running = np.cumsum(rates, axis=1) / rates.sum(axis=1, keepdims=True)
        lot = w.uniform(f"{self.name}.route", ids, w.people[f"{self.name}_offers"][ids])
        chosen = choose(lot, running)
        for column, (k, order, _) in enumerate(self.offers):
            self.offer(w, k, order, ids[chosen == column])

    def _move_on(self, w: World, ids: I64) -> None:
        """What is next for these people, by their stage."""
        w.cancel(self.next, ids)
        p = w.people
        stage = p[self.stage][ids]
        which = p[self.which][ids]
        over = (stage == HELPED) | ((stage == STARTED) & (p[f"{self.name}_ends"][ids] <= w.day))
        gives_up, begins = ids[stage == WAITING], ids[(stage == STARTED) & ~over]
        self._leave_line(w, gives_up, "gave_up")
        self._set(w, gives_up, NOT_IN)
        for k, programme in enumerate(self.programmes, start=1):
            mine = which == k
            if not mine.any():
                continue
            now = begins[p[self.which][begins] == k]
            w.record(f"{programme.name}_effect", now, 0)
            self._set(w, now, HELPED, p[f"{self.name}_ends"][now].astype(np.int64))
            self._end(w, programme, ids[over & mine])
            fades = ids[(stage == AFTER) & mine]
            w.record(f"{programme.name}_effect", fades, 1)
            self._set(w, fades, FADING, w.day + programme.days(w, "fade_days", fades))
            ended = ids[(stage == FADING) & mine]
            w.record(f"{programme.name}_effect", ended, 2)
            self._set(w, ended, NOT_IN)

    def _start(self, w: World, k: int, ids: I64) -> None:
        """Support starts; its end, planned or early, is drawn."""
        if not len(ids):
            return
        p, programme = w.people, self.programmes[k - 1]
        name = programme.name
        number = p[f"{self.name}_offers"][ids] - np.uint16(1)
        w.cancel(self.next, ids)
        days = np.asarray(w.value(f"{name}.support_days", ids), float)
        rate = np.maximum(w.value(f"{name}.drop_out_rate", ids), 1e-9)
        stays = w.exponential(f"{name}.drop_out", ids, number) / rate * YEAR
        p[f"{self.name}_drops_out"][ids] = stays < days
        ends = w.day + np.maximum(np.minimum(days, stays), 1).astype(np.int64)
        p[f"{self.name}_ends"][ids] = ends
        out_of_work = p["labour"][ids] > Labour.OFF_SICK
        w.record(f"{name}_start", ids, out_of_work.astype(np.int64))
        self._set(w, ids, STARTED, np.minimum(w.day + programme.days(w, "onset_days", ids), ends))

    def _end(self, w: World, programme: Programme, ids: I64) -> None:
        """Support ends: as planned, with an effect that lasts for a while; or early, with none."""
        if not len(ids):
            return
        dropped = w.people[f"{self.name}_drops_out"][ids]
        w.services[programme.name].release(w, ids)
        w.record(f"{programme.name}_end", ids, dropped.astype(np.int64))
        self._set(w, ids[dropped], NOT_IN)
        done = ids[~dropped]
        self._set(w, done, AFTER, w.day + programme.days(w, "effect_after_days", done))

    def _turn_away(self, w: World, programme: Programme, ids: I64) -> None:
        if len(ids):
            w.record(f"{programme.name}_not_started", ids, OFFER_DETAILS.index("not_eligible"))
            w.cancel(self.next, ids)
            self._set(w, ids, NOT_IN)

    def _leave_line(self, w: World, ids: I64, why: str) -> None:
        for k, programme in enumerate(self.programmes, start=1):
            mine = ids[w.people[self.which][ids] == k]
            if len(mine):
                w.services[programme.name].leave(w, mine)
                w.record(f"{programme.name}_not_started", mine, OFFER_DETAILS.index(why))

    def _set(self, w: World, ids: I64, stage: int, due: I64 | None = None) -> None:
        """Put people into a stage, until a day."""
        if not len(ids):
            return
        p = w.people
        p[self.stage][ids] = stage
        p["helped"][ids] = np.where(
            stage >= STARTED, p["helped"][ids] | self.bit, p["helped"][ids] & ~self.bit
        )
        if due is not None:
            w.set_due(self.next, ids, due)
        w.touch(ids, "support")

    def leave_for_good(self, w: World, ids: I64) -> None:
        """People who die or reach pension age leave the line or their place."""
        p = w.people
        stage = p[self.stage][ids]
        inside = (stage != NOT_IN).nonzero()[0]
        if not len(inside):
            return
        ids, stage = ids[inside], stage[inside]
        self._leave_line(w, ids[stage == WAITING], "left_population")
        in_support = ids[(stage == STARTED) | (stage == HELPED)]
        for k, programme in enumerate(self.programmes, start=1):
            mine = in_support[p[self.which][in_support] == k]
            w.services[programme.name].release(w, mine)
            w.record(f"{programme.name}_end", mine, END_DETAILS.index("left_population"))
        w.cancel(self.next, ids)
        self._set(w, ids, NOT_IN)

    # ---- the step -----------------------------------------------------------------------------------------------

    def begin(self, w: World) -> None:
        """Open the services, whose lines share the slot's tickets."""
        for number, programme in enumerate(self.programmes):
            kind = Places if programme.capacity == "places" else Courses
            w.services[programme.name] = Quiet(
                w,
                programme.name,
                kind(programme.size, w.arms * w.areas),
                users=partial(self._in_support, number + 1),
                columns=self.name,
                first=number * SPAN,
                pool=self.pool,
            )

    def _in_support(self, k: int, w: World) -> Bools:
        stage, which = w.people[self.stage], w.people[self.which]
        return (which == k) & ((stage == STARTED) | (stage == HELPED))

    def step(self, states: Bools) -> Step:
        """The step of the day."""
        reads = [name for programme in self.programmes for name in programme.offer_reads]
        return Step(
            name=self.name,
            does=self.does,
            act=self.act,
            columns=columns(self.name),
            clocks=(self.next,),
            streams=(
                Stream(
                    self.stream,
                    0.02 / YEAR,
                    self.offering,
                    tuple(reads),
                    FEELS,
                    states,
                    self.places_open,
                ),
            ),
            events={e: d for programme in self.programmes for e, d in programme.events().items()},
            begin=self.begin,
        )
