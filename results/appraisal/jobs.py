"""What a year in a job brings: pay, taxes on it, pension, and Universal Credit beside it.

Pay differs between fifths of earnings; taxes are worked out for each fifth and then averaged, since
they do not rise in proportion. The schedules are those of England.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from results.appraisal.values import UnitValues

F64 = NDArray[np.float64]

WEEKS: Final = 365.25 / 7
MONTHS: Final = 12.0
UC: Final = ("uc_search", "uc_light", "uc_fit_note", "lcw", "lcwra")
"""Benefits that are Universal Credit."""
WITH_ALLOWANCE: Final = ("lcw", "lcwra")
"""Those with a work allowance whatever the family."""


def income_tax(pay: F64, allowance: F64, band: F64, basic: F64, higher: F64) -> F64:
    """Income tax of a year's pay: the basic rate above the allowance, the higher above the band."""
    taxable = np.maximum(pay - allowance, 0)
    return basic * np.minimum(taxable, band) + higher * np.maximum(taxable - band, 0)


def employee_contributions(pay: F64, primary: F64, upper: F64, main: F64, above: F64) -> F64:
    """Class 1 contributions of employees from pay and limits of a year."""
    between = np.clip(pay, primary, upper) - primary
    return main * between + above * np.maximum(pay - upper, 0)


def employer_contributions(pay: F64, secondary: F64, rate: F64) -> F64:
    """Class 1 contributions of employers from pay and threshold of a year."""
    return rate * np.maximum(pay - secondary, 0)


def tapered(award: F64, net_pay: F64, allowance: F64, taper: F64) -> F64:
    """What is left of a year's award of Universal Credit when there is net pay."""
    return np.maximum(award - taper * np.maximum(net_pay - allowance, 0), 0)


@dataclass(frozen=True)
class Jobs:
    """A year in a job that a reform adds, and a year's benefits, in GBP.

    Pay is the same whether or not Universal Credit is paid beside it: nobody earns more because a
    claim is closed.

    Parameters
    ----------
    pay, income_tax, employee_nics, employer_nics, pension : float array, shape (draws, years)
        Means over the fifths of earnings.
    award : dict of float array, shape (draws, years)
        Universal Credit of a person without pay, by benefit.
    award_in_work : dict of float array, shape (draws, years)
        What is left of it at the pay of workers on Universal Credit.
    net_pay : float array, shape (draws, years, fifths)
        Pay after income tax and contributions, in each fifth of earnings.
    award_left : dict of float array, shape (draws, years, fifths)
        What is left of each award at that pay.
    """

    pay: F64
    income_tax: F64
    employee_nics: F64
    employer_nics: F64
    pension: F64
    award: dict[str, F64]
    award_in_work: dict[str, F64]
    net_pay: F64
    award_left: dict[str, F64]


def jobs(u: UnitValues) -> Jobs:
    """What a job and a benefit bring in each year, for each draw."""
    pay = (u["pay.full_time_median"] * WEEKS)[..., None] * u["pay.fifth_ratio"]
    tax = income_tax(
        pay, *(_wide(u, f"tax.{n}") for n in ("personal_allowance", "basic_band")),
        *(_wide(u, f"tax.{n}") for n in ("basic_rate", "higher_rate")),
    )  # fmt: skip
    own = employee_contributions(
        pay, *(WEEKS * _wide(u, f"tax.{n}") for n in ("primary_threshold", "upper_earnings_limit")),
        *(_wide(u, f"tax.{n}") for n in ("employee_rate", "employee_upper_rate")),
    )  # fmt: skip
    of_employer = employer_contributions(
        pay, WEEKS * _wide(u, "tax.secondary_threshold"), _wide(u, "tax.employer_rate")
    )
    enrolled = pay >= _wide(u, "tax.pension_trigger")
    above = np.maximum(pay - _wide(u, "tax.pension_lower_limit"), 0)
    pension = _wide(u, "tax.pension_rate") * np.where(enrolled, above, 0)
    shares = u["pay.fifth_share"]

    def mean(by_fifth: F64) -> F64:
        return (by_fifth * shares).sum(axis=-1)

    award = awards(u)
    net = pay - tax - own
    on_uc = u["pay.fifth_share_on_uc"]
    left = {name: _left(u, name, award[name], net) for name in UC}
    in_work = {name: (by_fifth * on_uc).sum(axis=-1) for name, by_fifth in left.items()}
    means = (mean(pay), mean(tax), mean(own), mean(of_employer), mean(pension))
    return Jobs(*means, award, in_work, net, left)


def _wide(u: UnitValues, name: str) -> F64:
    """A value with an axis for the fifths."""
    return u[name][..., None]


def _left(u: UnitValues, name: str, award: F64, net: F64) -> F64:
    allowance = MONTHS * _wide(u, "benefits.work_allowance") * (name in WITH_ALLOWANCE)
    return tapered(award[..., None], net, allowance, _wide(u, "benefits.taper"))


def awards(u: UnitValues) -> dict[str, F64]:
    """A year's Universal Credit of a person without pay, by benefit."""
    basic = MONTHS * (u["benefits.standard_allowance"] + u["benefits.other_elements"])
    new = np.clip(u["benefits.lcwra_new_claim_share"], 0, 1)
    element = MONTHS * (
        (1 - new) * u["benefits.lcwra_element"] + new * u["benefits.lcwra_new_claim_element"]
    )
    return {name: basic + element if name == "lcwra" else basic for name in UC}
