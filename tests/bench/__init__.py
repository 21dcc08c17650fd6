"""`make bench`: how fast, how small, and what it is measured against.

A part is a module of this folder with one function:

    async def measure(site: Site) -> AsyncIterator[Line]

`ONLY=name` runs one part; the rows of the others stay in `bench.json` as they were. `ROUND_S` and `ROUNDS` make
rounds shorter and fewer for a quick look, `PROFILE=1` samples our server and writes `build/profile-….md`. The first
line of a part's docstring says what it measures.
"""
