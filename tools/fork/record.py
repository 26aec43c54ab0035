"""fork.yaml: from which commit of the template the fork was made, and what it was told."""

from dataclasses import dataclass, replace
from pathlib import Path

from tools.fork.answers import Answers, checked_answers, read_answers
from tools.fork.environment_file import written_key

RECORD = "fork.yaml"
_NOTE = """\
# Written by `make init`: what it was told, and from which commit of the template the fork was made.
# `make update-from-template` gives what it brings these names, and writes the commit that it has come to.
"""


@dataclass(frozen=True)
class Record:
    """What the file says."""

    template: str
    answers: Answers

    def render(self) -> str:
        """The text of the file."""
        said = self.answers.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        return "".join(
            [_NOTE, written_key("template", self.template), *(written_key(*each) for each in said.items())]
        )

    @classmethod
    def read(cls, root: Path) -> "Record":
        """Raises ConfigurationError, FileNotFoundError."""
        said = read_answers(root / RECORD, RECORD)
        answers = {key: value for key, value in said.answers.items() if key != "template"}
        # The fork may have removed these samples since.
        named = answers.get("use_cases")
        samples = tuple(map(str, named)) if isinstance(named, list) else ()
        template = str(said.answers.get("template", ""))
        return cls(template, checked_answers(replace(said, answers=answers), samples))
