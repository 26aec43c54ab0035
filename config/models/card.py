"""What people say of a model: why it is there, what it may be used for, and who answers for it."""

from typing import Annotated, Literal

from pydantic import Field

from config.models.base import ConfigurationModel

# https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-details.html#model-card-schema
_Text = Annotated[str, Field(min_length=1, max_length=2048)]


class Card(ConfigurationModel):
    """The part of each version's model card that no pipeline knows."""

    business_problem: _Text
    """What the model is there for."""
    intended_uses: _Text
    """What its answers may be used for."""
    owner: Annotated[str, Field(min_length=1, max_length=512)]
    """Who answers for it: a team or a role, with how to reach them."""
    caveats: _Text | None = None
    """What its answers may not be used for, or not without care; none when left out."""
    risk: Literal["High", "Medium", "Low", "Unknown"] = "Unknown"
    """How much harm wrong answers can do."""
    risk_because: _Text | None = None
    """Why the risk is rated so; none when left out."""
