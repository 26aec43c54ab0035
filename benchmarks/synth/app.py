"""`python -m benchmarks.synth.app 200 folder`: the environments of `config/` with so many use cases each."""

import sys

from config.settings import Environment, Settings, UseCase, load_settings
from stacks.stage import build_app


def grown(settings: Settings, count: int) -> Settings:
    """Each environment with its first use case under other names."""
    use_cases: dict[str, UseCase] = {}
    environments: list[Environment] = []
    for environment in settings.environments:
        first, deployment = next(iter(environment.use_cases.items()))
        names = [f"{first}-{number:03}" for number in range(count)]
        use_cases |= {name: settings.use_cases[first].model_copy(update={"name": name}) for name in names}
        environments.append(environment.model_copy(update={"use_cases": dict.fromkeys(names, deployment)}))
    return settings.model_copy(update={"environments": tuple(environments), "use_cases": use_cases})


if __name__ == "__main__":
    build_app(grown(load_settings(), int(sys.argv[1])), outdir=sys.argv[2]).synth()
