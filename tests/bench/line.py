"""A row of `bench.json`: one figure with the goal it is held against, and the floor below which it is not done."""

import platform
from dataclasses import asdict, dataclass
from typing import Any

import psutil


@dataclass(frozen=True, kw_only=True)
class Line:
    """`value` in `unit`. What goal and floor bound is `ratio` (to the rate of `to`) where there is one, else
    `value`; `less` says that less is better.
    """

    part: str
    name: str
    value: float
    unit: str
    ratio: float | None = None
    to: str = ""
    goal: float | None = None
    floor: float | None = None
    less: bool = False
    note: str = ""

    @property
    def judged(self) -> float:
        return self.value if self.ratio is None else self.ratio

    def reaches(self, bound: float | None) -> bool:
        """Whether the figure is as good as the bound; True without one."""
        if bound is None:
            return True
        return self.judged <= bound if self.less else self.judged >= bound

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        if self.reaches(self.goal):
            return "ok"
        return "below goal" if self.floor is not None and self.reaches(self.floor) else "SHORT"

    def __str__(self) -> str:
        sign = "≤" if self.less else "≥"
        text = f"{self.name:<34}{self.value:>12,.1f} {self.unit:<11}"
        text += f"{self.ratio:>7.3f} of {self.to:<26}" if self.ratio is not None else " " * 37
        text += f" goal {sign} {self.goal:g}" if self.goal is not None else ""
        text += f", floor {sign} {self.floor:g}" if self.floor is not None else ""
        return f"{text}  {self.verdict}  {self.note}".rstrip()


def row(line: Line) -> dict[str, Any]:
    """The line as it stands in bench.json."""
    return {
        key: value
        for key, value in asdict(line).items()
        if value is not None and value is not False and value != ""
    } | ({"verdict": line.verdict} if line.verdict else {})


def machine() -> str:
    """What the figures were taken on, in a few words."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return (
        f"{psutil.cpu_count()} cores, {memory} GiB, {platform.system()}, Python {platform.python_version()}"
    )
