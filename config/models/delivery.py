"""From where an environment may be deployed without a person's credentials."""

from config.models.base import ConfigurationModel
from config.values.identifiers import GithubEnvironment, GithubRepository


class Delivery(ConfigurationModel):
    """GitHub Actions of one repository, in one of its environments, may deploy here."""

    github_repository: GithubRepository
    """The repository, as owner/name."""
    github_environment: GithubEnvironment | None = None
    """The environment in the repository's settings; the name of this file when left out."""
