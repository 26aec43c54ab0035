"""What all configuration models have in common."""

from pydantic import BaseModel, ConfigDict


class ConfigurationModel(BaseModel):
    """A frozen part of the configuration: unknown keys and silent conversions ("yes" for true) are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )
