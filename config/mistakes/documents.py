"""Files as they were read: their names in messages, and as much of their models as has no mistake."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from config.mistakes.errors import KeyPath, Mistake
from config.mistakes.explain import explain, model_in
from config.mistakes.yaml_reader import read_yaml

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document(Generic[Model]):
    """One file. What is wrong in it is an attribute that its model, or a model inside, does not have."""

    file: str
    model: Model
    unread: frozenset[KeyPath]
    """Places of values that could not be read; whatever else is wrong there follows from that."""

    def told(self, rule: Callable[..., Iterator[Mistake]], *compared: object) -> Iterator[Mistake]:
        """Yield what a rule finds until it needs a value that is wrong, which is told already.

        An attribute that no model has is found by mypy.
        """
        with suppress(AttributeError):
            for mistake in rule(self.model, *compared):
                if mistake.path not in self.unread:
                    yield mistake.in_file(self.file)


def read_documents(folder: Path, model: type[Model]) -> tuple[list[Document[Model]], list[Mistake]]:
    """Read the YAML files of a folder; return also the mistakes of each."""
    documents: list[Document[Model]] = []
    mistakes: list[Mistake] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        file = f"{folder.parent.name}/{folder.name}/{path.name}"
        if path.is_file() and path.suffix == ".yaml":
            content, found = read_yaml(path)
            read, wrong = _validated(model, content or {}, path.stem)
            document = Document(file, read, frozenset(mistake.path for mistake in found if mistake.path))
            mistakes += [mistake.in_file(file) for mistake in found]
            if content is not None:
                mistakes += [m.in_file(file) for m in wrong if m.path not in document.unread]
            documents.append(document)
        elif not path.name.startswith("."):
            problem, change = "would not be read", "rename it, or move it elsewhere"
            mistakes.append(Mistake((), path.name, problem, "files that end in .yaml", change, file))
    return documents, mistakes


def _validated(model: type[Model], content: Mapping[str, object], name: str) -> tuple[Model, list[Mistake]]:
    values, mistakes = {**content, "name": name}, []
    if "name" in content:
        problem, change = "the name is the name of the file", "remove it, or rename the file"
        mistakes.append(Mistake(("name",), content["name"], problem, "no such key", change))
    try:
        return model.model_validate(values), [*mistakes, *_empty(content)]
    except ValidationError as error:
        mistakes += explain(error, model)
        told = {mistake.path for mistake in mistakes}
        mistakes += [mistake for mistake in _empty(content) if mistake.path not in told]
        return readable_part(model, values), mistakes


def _empty(content: Mapping[str, object], path: KeyPath = ()) -> Iterator[Mistake]:
    """Yield options that are named without a value, which would leave them off: `catalog:`."""
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _empty(value, (*path, key))
        elif value is None:
            change = f"remove the key, or write {key}: {{}} for its defaults"
            yield Mistake((*path, key), None, "is empty, so that it would have no effect", "a value", change)


def readable_part(model: type[Model], values: Mapping[str, object]) -> Model:
    """Return a model without the values that are wrong, so that the others can still be compared."""
    parts = {
        key: part for key in values.keys() & model.model_fields for part in _readable(model, key, values[key])
    }
    whole = model.model_construct(**parts)
    for wrong in values.keys() - parts.keys():
        vars(whole).pop(wrong, None)  # where the default would stand for it
    return whole


def _readable(model: type[BaseModel], key: str, value: object) -> Iterator[Any]:
    """Yield the value of a key if it, or a part of it, can be compared with others."""
    field = model.model_fields[key]
    kind: Any = field.annotation
    mapping = value if isinstance(value, dict) else {}
    if inner := model_in(kind, mapping):
        if value is mapping:
            yield readable_part(inner, mapping)
        elif value is None and field.default is None:
            yield None
    elif get_origin(kind) is dict and value is mapping and (inner := model_in(get_args(kind)[1])):
        parts = {name: part if isinstance(part, dict) else {} for name, part in mapping.items()}
        yield {name: readable_part(inner, part) for name, part in parts.items()}
    else:
        annotated: Any = Annotated[(kind, *field.metadata)] if field.metadata else kind
        try:
            yield TypeAdapter(annotated, config=model.model_config).validate_python(value)
        except ValidationError:
            # Items of lists and mappings are told one by one; the others can still be compared.
            items = value if isinstance(value, list) else [None]
            if get_origin(kind) is tuple and all(isinstance(item, str) for item in items):
                yield tuple(items)
            elif get_origin(kind) is dict and value is mapping:
                yield value
