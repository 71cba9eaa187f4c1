"""What the program costs: time and memory against other ways to the same stack, as ratios.

`python -m bench` measures on this machine; `make bench` also writes `docs/benchmark.md`.
"""
