# %% [markdown]
# # For an economist: what does a reform cost, and what is it worth?
#
# Make a comparison first, for example
#
#     fitflow compare baseline package wca_reform --scale 0.002 --detail area
#
# and start this file with its folder: `python docs/tutorials/economist.py runs/1a2b3c4d5e6f`. Editors
# that know cells (`# %%`) open it as a notebook. Nothing is simulated here: money is worked out from
# the tables of the run.

# %%
import sys
from pathlib import Path

from results.appraisal import Options, appraise
from results.figures import write_chart
from results.gallery import Wanted, make_chart
from results.opened import open_run

run = open_run(sys.argv[1])
scenario = run.reforms[0]
print(run.titles[scenario], "against", run.titles[run.base], "in", run.place)

# %% [markdown]
# ## The account
#
# `appraise` values person-days and events with the unit values of `scenarios/values`. Every frame is
# tidy; its columns are declared in `results.appraisal.columns`. Society is the sum of all others.

# %%
appraisal = appraise(run, Options(draws=500))
lines = appraisal.lines.query(
    "scenario == @scenario and year == 'total' and basis == 'present_value'"
)
account = lines.pivot(index="label", columns="perspective", values="value") / 1e6
print(account.round(0).to_string())

# %% [markdown]
# ## The headline, with what is not known
#
# `low` and `high` hold parameter uncertainty, `error` the chance of the simulation. They are kept
# apart, because more replications narrow the second and never the first.

# %%
headline = appraisal.headline.query("scenario == @scenario and year == 'total'")
print(headline[["label", "value", "low", "high", "error", "unit"]].to_string(index=False))

# %% [markdown]
# ## What would change the answer?
#
# Where a single value would bring net present social value to nought, and what it would be worth to
# know values before choosing.

# %%
sensitive = appraisal.sensitivity.query("scenario == @scenario").head(5)
print(sensitive[["name", "centre", "switching_value", "note"]].to_string(index=False))
print(appraisal.information.head(5)[["label", "value"]].to_string(index=False))

# %% [markdown]
# ## Who gains and who loses
#
# The same people with and without the reform, on the last evening. `income_lost` is what those with a
# lower income lose together in a year; an average gain would hide them.

# %%
people = appraisal.distribution.query("scenario == @scenario and dimension == 'earnings_band'")
gains = people.pivot(index="group", columns="measure", values="value")
print(gains[["nearer", "further", "higher_income", "lower_income", "income_lost"]].round(0))

# %% [markdown]
# ## Charts
#
# A chart knows its words and its numbers; `draw` gives a figure of matplotlib.

# %%
folder = Path(sys.argv[2]) if len(sys.argv) > 2 else run.folder / "tutorial"
for kind in ("tornado", "plane", "acceptability"):
    chart = make_chart(kind, Wanted(run, scenario, money=appraisal))
    print(chart.words.title)
    write_chart(chart, folder, kind)
