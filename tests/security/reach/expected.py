"""Who comes to act as whom, by whatever sequence of calls; and what people can change in the end.

Exactly these: a role that is added, or one more way, fails the tests until it stands here with its reason.
"""

from collections.abc import Mapping

_LOADS = "it loads what these can change: models, with the code that serves them"
_DEPLOYMENT = "it deploys"
_SERVES = "it copies the models that serve; whether they are the approved ones it compares"

ACTS_AS: Mapping[str, Mapping[str, str]] = {
    "training": dict.fromkeys(("processing", "experiment", "pipeline"), _LOADS),
    "pipeline": {
        "processing": "it starts these jobs",
        "training": "it starts these jobs",
        "experiment": _LOADS,
    },
    "watch": {"monitor": "it starts these jobs"},
    "ingest": {"deliver": "it starts this job, whose script is deployed"},
    "mlflow-tracking-machine": {"mlflow-tracking-job": "it starts these jobs"},
    "data-engineer": {
        "preparation": "their own jobs work for them",
        "data-quality": "they check what was delivered, by the rules of the catalog",
    },
    "data-scientist": {"experiment": "their own jobs work for them"},
    "release": {
        "cfn-exec": "it sets the version in stacks; tests/promises/test_release.py holds what it sends",
        "endpoint": _SERVES,
        "asynchronous-endpoint": _SERVES,
        "serverless-endpoint": _SERVES,
        "batch-transform": _SERVES,
        "monitor": "it copies the baselines that monitors compare with",
        "processing": "it copies the models that new ones are compared with; it looks at them before",
    },
    "delivery": {"deploy": _DEPLOYMENT, "file-publishing": _DEPLOYMENT},
}
"""Whoever is not here comes to act as nobody else."""

CHANGES: Mapping[str, frozenset[str]] = {
    "data-engineer": frozenset({"raw", "features", "ground-truth", "data-engineering"}),
    "data-scientist": frozenset({"data-science"}),
    "mlops-engineer": frozenset({"approval"}),
}
"""What people change, themselves or as whomever they come to act; zones by their prefix in S3."""
