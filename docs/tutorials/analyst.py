# %% [markdown]
# # For an analyst: a briefing, its charts and its tables
#
# Make a comparison first, for example
#
#     fitflow compare baseline package wca_reform --scale 0.002 --detail area
#
# and start this file with its folder: `python docs/tutorials/analyst.py runs/1a2b3c4d5e6f`.

# %%
import sys
from pathlib import Path

from results.briefing.page import briefing
from results.figures import write_chart
from results.gallery import KINDS, Wanted, make_chart
from results.opened import open_run
from results.style import SIZES
from results.tables import difference_table

run = open_run(sys.argv[1])
scenario = run.reforms[0]
folder = Path(sys.argv[2]) if len(sys.argv) > 2 else run.folder / "tutorial"

# %% [markdown]
# ## A table to paste
#
# Numbers are rounded so far as their error allows, and every difference has its interval.

# %%
years = sorted(run.differences_by_year["year"].unique())
table = difference_table(
    run.differences_by_year, run.titles, [int(years[-1])], ["in_work", "sick_inactive", "lcwra"]
)
print(table.to_string(index=False))

# %% [markdown]
# ## Charts
#
# Each kind of chart has a name. Title, subtitle, notes and alternative text are computed from what is
# drawn, so they stay true when the run changes.

# %%
for kind, (what, _) in KINDS.items():
    print(f"{kind}: {what}")

chart = make_chart("difference", Wanted(run, scenario))
print(chart.words.title)
print(chart.words.alt_text("difference.csv"))

# %% [markdown]
# For a page of A4 with its words on it, and for a web page that carries the words itself:

# %%
for size in ("page", "bare"):
    for file in write_chart(chart, folder, f"difference_{size}", SIZES[size]):
        print(file)

if run.by_area:
    write_chart(make_chart("map", Wanted(run, scenario)), folder, "map")

# %% [markdown]
# ## The briefing
#
# The same as `fitflow brief`, here without costs and benefits.

# %%
page = briefing(run, scenario)
(folder / "briefing.html").write_text(page, encoding="utf-8")
print(f"{len(page.encode()):,} bytes")
