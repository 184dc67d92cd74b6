"""What a start page is made of."""

from dataclasses import dataclass

from ragsite.dashboard.charts import Chart, Ranking


@dataclass(frozen=True)
class Figure:
    """A number with its name, and where to see what it counts."""

    label: str
    value: str
    tone: str = "muted"
    url: str = ""
    note: str = ""


@dataclass(frozen=True)
class Concern:
    """Something that needs a person, with the page where to deal with it."""

    text: str
    url: str
    tone: str = "bad"


@dataclass(frozen=True)
class Section:
    """A heading with figures and charts."""

    title: str
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    rankings: tuple[Ranking, ...] = ()


@dataclass(frozen=True)
class Overview:
    concerns: tuple[Concern, ...]
    sections: tuple[Section, ...]


def tone_of(count: int, *, tone: str) -> str:
    """A tone for what should be zero."""
    return tone if count else "good"
