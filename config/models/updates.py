"""How an endpoint changes over to another model version.

The limits are AWS's:
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RollingUpdatePolicy.html
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from config.mistakes.errors import Mistake
from config.models.base import ConfigurationModel

UpdateStrategy = Literal["all-at-once", "canary", "linear", "rolling", "without-guardrails"]
WITHOUT_GUARDRAILS: UpdateStrategy = "without-guardrails"
AT_ONCE: tuple[UpdateStrategy, ...] = ("all-at-once", WITHOUT_GUARDRAILS)
OF_COMPONENTS: tuple[UpdateStrategy | None, ...] = (None, "rolling", WITHOUT_GUARDRAILS)
LEAST_PERCENT: dict[UpdateStrategy, int] = {"canary": 1, "linear": 10, "rolling": 5}
LONGEST_DEPLOYMENT_MINUTES = 480
_MINUTES_TO_START_INSTANCES = 60
_MINUTES_TO_START_A_BATCH = 10


class EndpointUpdate(ConfigurationModel):
    """How traffic moves to a new fleet, and what brings the old one back."""

    strategy: UpdateStrategy | None = None
    """How traffic moves; when left out, canary where two instances always run, rolling on a shared endpoint,
    and all-at-once elsewhere.
    without-guardrails also moves it at once, and no alarm brings the old fleet back."""
    percent: int | None = Field(default=None, ge=1, le=50)
    """Share of the new fleet that a step adds; 50 when left out, and never where all moves at once."""
    bake_minutes: int = Field(default=5, ge=3, le=60)
    """Minutes that the alarms watch the new fleet after each step; they need two to ring."""
    latency_p99_ms: int | None = Field(default=None, ge=1, le=3_600_000)
    """Milliseconds that one answer in a hundred may take before the old fleet is brought back; 1000 when left
    out, 60000 of an asynchronous endpoint."""

    def chosen(self, fewest_instances: int) -> UpdateStrategy:
        """The strategy of a fleet that may run on so few."""
        return self.strategy or ("canary" if fewest_instances > 1 else "all-at-once")

    @property
    def step_percent(self) -> int:
        return self.percent or 50

    def steps(self, strategy: UpdateStrategy) -> int:
        """How often the alarms watch for `bake_minutes`."""
        return {"all-at-once": 1, "canary": 2}.get(strategy, -(-100 // self.step_percent))

    def mistakes(self) -> Iterator[Mistake]:
        if self.strategy is None or self.strategy in AT_ONCE:
            return
        least = LEAST_PERCENT[self.strategy]
        if self.step_percent < least:
            problem, allowed = f"is too little for {self.strategy}", f"{least} to 50"
            yield Mistake(("percent",), self.percent, problem, allowed, "raise it")
        steps = self.steps(self.strategy)
        starts = steps * _MINUTES_TO_START_A_BATCH if self.strategy == "rolling" else 0
        most = LONGEST_DEPLOYMENT_MINUTES - max(starts, _MINUTES_TO_START_INSTANCES)
        if steps * self.bake_minutes > most:
            problem = f"takes {steps * self.bake_minutes} minutes in {steps} steps, and AWS ends it after 480"
            allowed = f"at most {most // steps} with {steps} steps"
            change = "lower it, or raise percent"
            yield Mistake(("bake_minutes",), self.bake_minutes, problem, allowed, change)

    def mistakes_of_a_component(self) -> Iterator[Mistake]:
        """What is wrong for a model on a shared endpoint: AWS updates its copies by rolling steps only.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_InferenceComponentDeploymentConfig.html
        """
        if self.strategy not in OF_COMPONENTS:
            problem, allowed = "is not for a component of a shared endpoint", "rolling, without-guardrails"
            yield Mistake(("update", "strategy"), self.strategy, problem, allowed, "remove it")
        elif self.strategy == WITHOUT_GUARDRAILS and self.percent is not None:
            problem, change = "has no meaning without guardrails", "remove it, or the strategy"
            yield Mistake(("update", "percent"), self.percent, problem, "left out", change)
        elif self.step_percent < LEAST_PERCENT["rolling"]:
            yield Mistake(
                ("update", "percent"), self.percent, "is too little for rolling", "5 to 50", "raise it"
            )

    def mistakes_with(self, fewest_instances: int) -> Iterator[Mistake]:
        """What is wrong for a fleet that always runs on so many: traffic is turned on by whole instances.

        https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
        """
        strategy = self.chosen(fewest_instances)
        if strategy in AT_ONCE:
            if self.percent is not None:
                change = "remove it, or write a strategy that has steps"
                problem = "has no meaning where all traffic moves at once"
                yield Mistake(("update", "percent"), self.percent, problem, "left out", change)
        elif fewest_instances < 2:
            problem = "moves traffic by parts of a fleet, and one instance has none"
            change = "write all-at-once, or let two instances always run"
            yield Mistake(("update", "strategy"), strategy, problem, "all-at-once", change)
        elif self.step_percent * fewest_instances < 100:
            least = -(-100 // fewest_instances)
            problem = f"of {fewest_instances} instances is less than one"
            change = f"raise it, or instances.min to {-(-100 // self.step_percent)}"
            yield Mistake(("update", "percent"), self.percent, problem, f"{least} to 50", change)
