"""A YAML file as it was read, for the checks that compare values of different places.

Those checks read documents and not models, so that a mistake in one place does not hide a mistake in another.
"""

from dataclasses import dataclass
from pathlib import Path

from config.mistakes.errors import KeyPath, Mistake
from config.mistakes.yaml_reader import read_yaml


@dataclass(frozen=True)
class Document:
    """One file: how it is called in messages, and what is in it."""

    file: str
    name: str
    content: dict[str, object]
    is_readable: bool = True

    def at(self, *path: str) -> object:
        """Return the value at a key path, or None."""
        value: object = self.content
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def mapping(self, *path: str) -> dict[str, object]:
        """Return the mapping at a key path; an empty one if something else is there."""
        value = self.at(*path)
        return value if isinstance(value, dict) else {}

    def texts(self, *path: str) -> dict[int, str]:
        """Return the texts of the list at a key path by their position; none if something else is there."""
        value = self.at(*path)
        items = value if isinstance(value, list) else []
        return {index: item for index, item in enumerate(items) if isinstance(item, str)}

    def text(self, *path: str) -> str | None:
        """Return the text at a key path; None if something else is there."""
        value = self.at(*path)
        return value if isinstance(value, str) else None

    def mistake(self, path: KeyPath, value: object, problem: str, allowed: str, change: str) -> Mistake:
        """Return a mistake in this file."""
        return Mistake(path, value, problem, allowed, change, self.file)


def read_documents(folder: Path) -> tuple[list[Document], list[Mistake]]:
    """Read every YAML file of a folder, in the order of their names, with the mistakes of their form."""
    documents: list[Document] = []
    mistakes: list[Mistake] = []
    shown = f"{folder.parent.name}/{folder.name}"
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        file = f"{shown}/{path.name}"
        if path.is_file() and path.suffix == ".yaml":
            content, found = read_yaml(path)
            documents.append(Document(file, path.stem, content or {}, is_readable=content is not None))
            mistakes.extend(mistake.in_file(file) for mistake in found)
        elif not path.name.startswith("."):
            problem, change = "would not be read", "rename it, or move it elsewhere"
            mistakes.append(Mistake((), path.name, problem, "files that end in .yaml", change, file))
    return documents, mistakes
