"""What all configuration models have in common."""

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from config.mistakes.errors import Mistake, MistakesFoundError


class ConfigurationModel(BaseModel):
    """A frozen part of the configuration: unknown keys and silent conversions ("yes" for true) are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    def mistakes(self) -> Iterator[Mistake]:
        """Yield what is wrong with values that are right each by itself."""
        yield from ()

    @model_validator(mode="after")
    def _values_fit_together(self) -> Self:
        if mistakes := tuple(self.mistakes()):
            raise MistakesFoundError(*mistakes)
        return self
