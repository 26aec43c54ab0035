"""Options of a run: https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html."""

import argparse
from collections.abc import Sequence


class GlueArgumentError(Exception):
    """An option is missing."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise GlueArgumentError(message)


def getResolvedOptions(args: Sequence[str], options: Sequence[str]) -> dict[str, str]:  # noqa: N802
    """The options by name; all of them must be there, others are left alone."""
    parser = _Parser(allow_abbrev=False)
    for option in options:
        parser.add_argument(f"--{option}", required=True)
    known, _ = parser.parse_known_args(list(args[1:]))
    return dict(vars(known))
