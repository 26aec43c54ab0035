"""The screen: sections of rows of lines, as text and as one HTML page without scripts or network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from jinja2 import Environment, FileSystemLoader, select_autoescape

from tools.status import rows
from tools.status.place import Place, use_cases
from tools.status.rows import Line, Mood, lines
from tools.synthesized import Synthesized

_TEMPLATES = Environment(
    loader=FileSystemLoader(__file__.rpartition("/")[0]), autoescape=select_autoescape(["html"])
)
_MARKS: Mapping[Mood, str] = {Mood.WELL: " ", Mood.BADLY: "!", Mood.WAITING: "?", Mood.PLAIN: " "}
_MONITORS = {"monitor": "columns and answers: ", "model-quality": "quality: ", "batch-monitor": "batches: "}
OF_ALL = {
    "release": rows.machines({"release": ""}),
    "alarms": rows.alarms,
    "cost": rows.costs,
}
OF_USE_CASES = {
    "live": rows.live,
    "waiting": rows.waiting,
    "pipeline": rows.executions,
    "alarms": rows.alarms,
    "monitors": rows.machines(_MONITORS),
    "Model Monitor": rows.monitoring_schedules,
    "batches": rows.machines({"batch": ""}),
    "deliveries": rows.machines({"ingest": ""}),
    "retraining": rows.machines({"retrain": ""}),
    "schedules": rows.schedules,
    "cost": rows.costs,
}
_NOTHING = [Line("none")]
_ONLY_WHERE_CONFIGURED = ("monitors", "Model Monitor", "batches", "deliveries", "retraining", "schedules")


@dataclass(frozen=True)
class Section:
    """A use case, or what all of them share."""

    title: str
    rows: Mapping[str, list[Line]]


@dataclass(frozen=True)
class Screen:
    """All that was seen at one moment."""

    title: str
    sections: list[Section]

    @property
    def text(self) -> str:
        found = [self.title]
        for section in self.sections:
            found += ["", section.title]
            for name, told in section.rows.items():
                names = [name, *[""] * (len(told) - 1)]
                found += [
                    f"{_MARKS[line.mood]} {label:14}{line.text}"
                    for label, line in zip(names, told, strict=True)
                ]
        return "\n".join(found)

    @property
    def page(self) -> str:
        return _TEMPLATES.get_template("page.html").render(title=self.title, sections=self.sections)


def look(environment: Synthesized) -> Screen:
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    title = f"{environment.name} in {environment.account}, {environment.region}, {now}"
    shared = Section("all use cases", _rows(Place(environment), OF_ALL))
    return Screen(
        title,
        [
            shared,
            *(
                Section(each, _rows(Place(environment, each), OF_USE_CASES))
                for each in use_cases(environment)
            ),
        ],
    )


def _rows(place: Place, looks: Mapping[str, rows.Look]) -> dict[str, list[Line]]:
    seen = {name: lines(place, each) for name, each in looks.items()}
    return {
        name: told for name, told in seen.items() if told != _NOTHING or name not in _ONLY_WHERE_CONFIGURED
    }
