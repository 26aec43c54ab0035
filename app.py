"""Synthesizes the configuration. A pure function of the repository: no AWS call, clock, network or lookup."""

import sys
from pathlib import Path

from config.settings import ConfigurationError, load_settings
from stacks.limits import check_limits
from stacks.stage import build_app


def main() -> None:
    """Write the cloud assembly to the folder that the CDK CLI, or CDK_OUTDIR, names."""
    try:
        assembly = Path(build_app(load_settings()).synth().directory)
        _refuse_what_is_too_large(assembly)
    except ConfigurationError as error:
        sys.exit(f"{error}")


def _refuse_what_is_too_large(assembly: Path) -> None:
    try:
        check_limits(assembly)
    except ConfigurationError:
        # Without these nobody deploys it as ASSEMBLY=cdk.out; templates stay, to look at.
        for manifest in (assembly / "manifest.json", *assembly.glob("assembly-*/manifest.json")):
            manifest.unlink()
        raise


if __name__ == "__main__":
    main()
