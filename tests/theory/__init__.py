"""The core against theory, through worlds, streams, clocks and services as the model uses them."""
