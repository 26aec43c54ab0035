"""Reads all files, checks each of them and all of them together, and reports every mistake at once."""

from pathlib import Path

from config.checks.environment import check_environment
from config.checks.together import check_together
from config.checks.use_case import check_use_case
from config.mistakes.documents import read_documents
from config.mistakes.errors import ConfigurationError
from config.models.environment import Environment
from config.models.use_case import UseCase


def load(folder: Path, repository: Path) -> tuple[list[Environment], list[UseCase]]:
    """Return the environments and use cases of a folder; raise ConfigurationError with all mistakes."""
    environments, mistakes = read_documents(folder / "environments", Environment)
    use_cases, more = read_documents(folder / "use_cases", UseCase)
    mistakes += [*more, *check_together(environments, use_cases)]
    for environment in environments:
        mistakes += check_environment(environment)
    for use_case in use_cases:
        mistakes += check_use_case(use_case, repository / "pipeline_code", repository / "data")
    if mistakes:
        raise ConfigurationError(sorted(mistakes, key=lambda mistake: mistake.file))
    return [environment.model for environment in environments], [use_case.model for use_case in use_cases]
