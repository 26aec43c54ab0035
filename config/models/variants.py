"""Another version beside the one that serves: it answers a share of the requests, or hears copies of them.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-validation.html
"""

from pydantic import Field

from config.models.base import ConfigurationModel


class Challenger(ConfigurationModel):
    """Another version that answers some of the requests, in place of the one that serves."""

    version: int = Field(ge=1)
    """Version of the model package; approved here, and not the one that `model` says."""
    traffic_percentage: int = Field(ge=0, le=99)
    """Share of the requests that it answers; 0 for the deployment that brings it, and the last."""

    @property
    def share(self) -> int:
        return self.traffic_percentage


class Shadow(ConfigurationModel):
    """Another version that is sent copies of requests: its answers are recorded, and nobody gets them."""

    version: int = Field(ge=1)
    """Version of the model package; approved here, and not the one that `model` says."""
    sampling_percentage: int = Field(default=100, ge=0, le=100)
    """Share of the requests that it is sent copies of; 0 for the deployment that brings it, and the last."""

    @property
    def share(self) -> int:
        return self.sampling_percentage
