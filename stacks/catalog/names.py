"""Names in the Glue catalog and around it, which policies know before the resources exist."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CatalogNames:
    """What an environment's catalog is called. Athena wants names without dashes."""

    environment: str

    @property
    def database(self) -> str:
        """The Glue database."""
        return _underscored(self.environment)

    @property
    def workgroup(self) -> str:
        """The Athena workgroup."""
        return self.environment

    def raw_table(self, use_case: str) -> str:
        """The table that the crawler makes: its prefix and the folder of the use case."""
        return f"raw_{_underscored(use_case)}"

    def processed_table(self, use_case: str) -> str:
        """The table of what models learned from."""
        return f"processed_{_underscored(use_case)}"

    def resource(self, use_case: str) -> str:
        """Crawler, ruleset, dataset, jobs and feature group of a use case."""
        return f"{self.environment}-{use_case}"

    def arns(self, region: str, account: str, tables: list[str]) -> list[str]:
        """The catalog, the database and some of its tables: reading a table needs all three."""
        glue = f"arn:aws:glue:{region}:{account}"
        return [
            f"{glue}:catalog",
            f"{glue}:database/{self.database}",
            *(f"{glue}:table/{self.database}/{table}" for table in tables),
        ]


def _underscored(name: str) -> str:
    return name.replace("-", "_")
