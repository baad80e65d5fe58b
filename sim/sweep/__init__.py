"""Sweeps: one file, a thousand scenario runs, on whatever machines there are.

A sweep file (:mod:`sim.sweep.files`) spreads factors over designs into points; each point is an arm, a scenario
that is compared with the base under the same circumstances. Arms and seeds are packed into blocks
(:mod:`sim.sweep.plan`), blocks are simulated by any number of workers (:mod:`sim.sweep.execute`) and kept
in a store that knows them by what determines them (:mod:`sim.sweep.store`). How outcomes are counted from
what is kept is for ``results.sweeps`` to say.
"""
