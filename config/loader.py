"""Reads all files, checks each of them and all of them together, and reports every mistake at once."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from config.checks.environment import check_environment
from config.checks.together import check_together
from config.checks.use_case import check_use_case
from config.mistakes.documents import Document, read_documents
from config.mistakes.errors import ConfigurationError, Mistake
from config.mistakes.explain import explain
from config.models.environment import Environment
from config.models.use_case import UseCase

Model = TypeVar("Model", Environment, UseCase)


def load(folder: Path, pipeline_code: Path) -> tuple[list[Environment], list[UseCase]]:
    """Return the environments and use cases of a folder; raise ConfigurationError with all mistakes."""
    environments, unreadable_environments = read_documents(folder / "environments")
    use_cases, unreadable_use_cases = read_documents(folder / "use_cases")
    environment_models, wrong_environments = _validate(environments, Environment)
    use_case_models, wrong_use_cases = _validate(use_cases, UseCase)
    mistakes_of_form = unreadable_environments + unreadable_use_cases
    mistakes_of_content = [
        *wrong_environments,
        *wrong_use_cases,
        *_check_each(environments, use_cases, pipeline_code),
        *check_together(environments, use_cases),
    ]
    mistakes = mistakes_of_form + _without_consequences(mistakes_of_content, mistakes_of_form)
    if mistakes:
        raise ConfigurationError(sorted(mistakes, key=lambda mistake: mistake.file))
    return environment_models, use_case_models


def _validate(documents: Sequence[Document], model: type[Model]) -> tuple[list[Model], list[Mistake]]:
    models: list[Model] = []
    mistakes: list[Mistake] = []
    for document in documents:
        if not document.is_readable:
            continue
        if "name" in document.content:
            problem, change = "the name is the name of the file", "remove it, or rename the file"
            value = document.content["name"]
            mistakes.append(document.mistake(("name",), value, problem, "no such key", change))
        try:
            models.append(model.model_validate({**document.content, "name": document.name}))
        except ValidationError as error:
            mistakes += [mistake.in_file(document.file) for mistake in explain(error, model)]
    return models, mistakes


def _check_each(
    environments: Sequence[Document], use_cases: Sequence[Document], pipeline_code: Path
) -> Iterator[Mistake]:
    for environment in environments:
        yield from check_environment(environment)
    for use_case in use_cases:
        yield from check_use_case(use_case, pipeline_code)


def _without_consequences(mistakes: Sequence[Mistake], causes: Sequence[Mistake]) -> list[Mistake]:
    """Leave out what is wrong with a value only because it could not be read."""
    places = {(cause.file, cause.path) for cause in causes if cause.path}
    return [mistake for mistake in mistakes if (mistake.file, mistake.path) not in places]
