"""The versions that an endpoint has at the same time, each a variant of it.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-validation.html
"""

from dataclasses import dataclass

from config.settings import Deployment

# Stable on purpose: scaling targets and metrics are bound to a variant's name.
VARIANT, CHALLENGER, SHADOW = "AllTraffic", "Challenger", "Shadow"


@dataclass(frozen=True)
class Variant:
    """One version: what its variant is called, and which part of the requests it is sent."""

    name: str
    version: str
    weight: float
    """Beside those of the variants that answer; of a shadow, beside that of the one it is compared with."""

    @property
    def is_shadow(self) -> bool:
        return self.name == SHADOW


def variants_of(deployment: Deployment, version: str) -> list[Variant]:
    """The one that serves first."""
    if challenger := deployment.challenger:
        share = challenger.traffic_percentage
        return [
            Variant(VARIANT, version, 100 - share),
            Variant(CHALLENGER, str(challenger.version), share),
        ]
    serves = Variant(VARIANT, version, 1)
    if shadow := deployment.shadow:
        return [serves, Variant(SHADOW, str(shadow.version), shadow.sampling_percentage / 100)]
    return [serves]


def id_of(variant: str, what: str) -> str:
    """The id of what a variant has of its own: bare for the one that is always there."""
    return what if variant == VARIANT else f"{variant}{what}"
