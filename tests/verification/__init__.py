"""The verification report: checks that are declared in one place, run by one command, written to one page.

A test reports to the page by carrying the mark ``verification`` and calling the fixture ``verified``::

    @pytest.mark.verification("twin_engine")
    def test_both_engines_give_the_same_log(verified) -> None:
        ...
        assert mine == other
        verified("events equal", f"{len(mine):,} of {len(other):,}")

The name must be declared in ``checks.py``, with what the check compares. Several tests may share a name:
the check agrees if all of them pass. ``python -m tests.verification`` runs them and writes the page.
"""
