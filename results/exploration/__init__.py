"""What a sweep teaches: how outcomes respond, what is worth its cost, when options fail, what is robust.

Everything here is worked out from stored sweeps (:mod:`results.sweeps`); nothing is simulated.
"""
