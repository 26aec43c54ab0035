"""Names in the Glue catalog, which policies know before the tables exist."""

from collections.abc import Iterable
from dataclasses import dataclass

from stacks.parts.place import Place


@dataclass(frozen=True)
class CatalogNames:
    """What an environment's catalog is called. Athena wants names without dashes."""

    place: Place

    @property
    def database(self) -> str:
        return _underscored(self.place.prefix)

    def raw_table(self, use_case: str) -> str:
        """The table that the crawler makes: its prefix and the folder of the use case."""
        return f"raw_{_underscored(use_case)}"

    def processed_table(self, use_case: str) -> str:
        return f"processed_{_underscored(use_case)}"

    def arns(self, tables: Iterable[str]) -> list[str]:
        """The catalog, the database and some of its tables: reading a table needs all three."""
        names = ["catalog", f"database/{self.database}"]
        names += [f"table/{self.database}/{table}" for table in tables]
        return [self.place.arn("glue", name) for name in names]


def _underscored(name: str) -> str:
    return name.replace("-", "_")
