# %% [markdown]
# # For a researcher: how sure is a difference, and where does it come from?
#
# Make a comparison first, for example
#
#     fitflow compare baseline package wca_reform --scale 0.002 --replications 8 --detail area
#
# and start this file with its folder: `python docs/tutorials/researcher.py runs/1a2b3c4d5e6f`.

# %%
import sys

import numpy as np

from results.charts.movers import people
from results.differences import COLUMNS, paired_difference
from results.opened import open_run

run = open_run(sys.argv[1])
scenario = run.reforms[0]

# %% [markdown]
# ## The tables
#
# Tables are pandas frames of people simulated; divide by the scale to gross up. The data dictionary
# (`fitflow data-dictionary`) has every column.

# %%
for table, frame in run.tables.items():
    print(f"{table.name}: {len(frame):,} rows; {', '.join(frame.columns)}")

# %% [markdown]
# ## A difference by hand
#
# Equal seeds have the same people and the same luck. So the difference is taken seed by seed, and its
# interval is a t interval over seeds.

# %%
last = run.yearly["year"].max()
values = run.yearly.query("outcome == 'in_work' and year == @last")
wide = values.pivot(index="seed", columns="scenario", values="value")
found = paired_difference(wide[run.base].to_numpy(), wide[scenario].to_numpy())
print(f"{found.mean:,.0f} ({found.low:,.0f} to {found.high:,.0f}), {found.pairs} pairs")

rows = run.differences_by_year.query(
    "outcome == 'in_work' and year == @last and scenario == @scenario"
)
assert np.isclose(rows["difference"].iloc[0], found.mean)
print("; ".join(f"{name}: {text}" for name, (_, text) in COLUMNS.items()))

# %% [markdown]
# ## What the pairing buys
#
# How many times more replications a comparison with fresh seeds would need.

# %%
of = run.differences_by_year.query("year == @last and scenario == @scenario")
print(of[["outcome", "difference", "standard_error", "variance_ratio"]].to_string(index=False))

# %% [markdown]
# ## Who moves
#
# A small difference can hide many gains and losses. `moves` counts the same people in both scenarios
# on the last day: rows are states without the reform, columns with it, by replication.

# %%
moves = run.moves(scenario)
nearer = np.tril(moves, -1).sum(axis=(1, 2))
further = np.triu(moves, 1).sum(axis=(1, 2))
print("nearer to work:", people(nearer).text(), "further from it:", people(further).text())

# %% [markdown]
# ## By area and condition
#
# A breakdown has arrays: scenarios, seeds, then what it is told apart by, then periods.

# %%
parts = run.breakdown("condition")
difference = parts.difference("sick_inactive", run.base, scenario, months=12)
for label, value, low, high in zip(
    parts.labels[0],
    difference.mean[:, -1],
    difference.low[:, -1],
    difference.high[:, -1],
    strict=True,
):
    print(f"{label}: {value:,.0f} ({low:,.0f} to {high:,.0f})")

# %% [markdown]
# ## What nobody has measured

# %%
for name in run.assumed(scenario):
    print(name, "-", run.scenarios[scenario].parameters[name].description)
