"""Synthesizes the configuration. A pure function of the repository: no AWS call, clock, network or lookup."""

import sys
from pathlib import Path

from config.settings import ConfigurationError, load_settings
from stacks.limits import check_limits
from stacks.stage import build_app


def main() -> None:
    """Write the cloud assembly to the folder that the CDK CLI, or CDK_OUTDIR, names."""
    try:
        app = build_app(load_settings())
        check_limits(Path(app.synth().directory))
    except ConfigurationError as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
