"""Checks of what an algorithm has no use for: hyperparameters, a search, machines."""

from collections.abc import Iterator

from config.facts.aws import GPU_FAMILIES
from config.mistakes.errors import Mistake
from config.models.environment import Environment
from config.models.tuning import WARM_STARTED
from config.models.use_case import UseCase
from config.values.hyperparameters import LIGHTGBM, LIMITS_OF, XGBOOST, known_to


def hyperparameters_of_another_algorithm(use_case: UseCase) -> Iterator[Mistake]:
    algorithm, known = use_case.algorithm, known_to(use_case.algorithm)
    for name, value in use_case.hyperparameters.items():
        others = [other for other in LIMITS_OF if name in known_to(other)]
        if name not in known and others:
            change = f"remove it, or write algorithm: {others[0]}"
            path, problem = ("hyperparameters", name), f"is no hyperparameter of {algorithm}"
            yield Mistake(path, value, problem, ", ".join(known), change)


def library_that_the_image_lacks(use_case: UseCase) -> Iterator[Mistake]:
    if use_case.algorithm == LIGHTGBM and use_case.image != "own":
        problem, allowed = "needs a library that AWS's image lacks", f"{LIGHTGBM} beside image: own"
        yield Mistake(("algorithm",), LIGHTGBM, problem, allowed, f"add image: own, or write {XGBOOST}")


def searches_that_start_anew(environment: Environment, use_case: UseCase) -> Iterator[Mistake]:
    """Yield a warm start of what knows no trials of others.

    https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-warm-start.html
    """
    deployment = environment.use_cases.get(use_case.name)
    if deployment is None or not deployment.training.warm_start:
        return
    strategy = use_case.tuning and use_case.tuning.strategy
    if strategy not in WARM_STARTED:
        problem = f"means nothing with {strategy}" if strategy else "means nothing without tuning"
        where = ("use_cases", use_case.name, "training", "warm_start")
        allowed = f"beside `tuning` with the strategy {' or '.join(WARM_STARTED)}"
        yield Mistake(where, deployment.training.warm_start, problem, allowed, "remove it, or change tuning")


def tuning_of_another_algorithm(use_case: UseCase) -> Iterator[Mistake]:
    """Yield a tuning job that AWS would refuse: of its image it knows XGBoost's hyperparameters only."""
    if use_case.tuning is not None and use_case.algorithm != XGBOOST:
        problem = "has nothing that a tuning job of AWS's XGBoost image could change"
        change = f"remove tuning, {use_case.algorithm} chooses by the validation part itself"
        allowed = f"{XGBOOST} beside tuning"
        yield Mistake(("algorithm",), use_case.algorithm, problem, allowed, change)


def machines_of_another_algorithm(environment: Environment, use_case: UseCase) -> Iterator[Mistake]:
    """Yield trainings on several machines, or on GPUs, that only boosting has a use for."""
    if use_case.algorithm == XGBOOST or use_case.name not in environment.use_cases:
        return
    size, path = environment.use_cases[use_case.name].training, ("use_cases", use_case.name, "training")
    change = f"remove it, or write algorithm: {XGBOOST} in use_cases/{use_case.name}.yaml"
    if size.instances > 1:
        problem = f"is more than {use_case.algorithm} can use: only {XGBOOST} trains on several machines"
        yield Mistake((*path, "instances"), size.instances, problem, "1", change)
    if size.training_instance_type.startswith(GPU_FAMILIES):
        problem = f"has GPUs, which {use_case.algorithm} cannot use: only {XGBOOST} trains on them"
        allowed, key = "instance types without GPUs", "training_instance_type"
        yield Mistake((*path, key), size.training_instance_type, problem, allowed, change)
