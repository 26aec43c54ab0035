"""`python -m tools.rehearse`: a model's life on this machine; `--keep` leaves the embedded AWS running."""

import argparse
import signal
import sys

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_aws.process import LocalAws, LocalAwsError
from tools.rehearse.choice import Wanted, add_arguments
from tools.rehearse.errors import RehearsalError
from tools.rehearse.full.record import Recorder
from tools.rehearse.full.story import FullRehearsal
from tools.rehearse.narrator import Narrator
from tools.rehearse.story import REPOSITORY, Rehearsal

KEPT_PORT = 5566
STORIES: dict[str, type[Rehearsal]] = {"short": Rehearsal, "full": FullRehearsal}


def main(argv: list[str]) -> int:
    """Run the rehearsal; the exit status says whether every step succeeded."""
    options = _parse(argv)
    narrator = Recorder()
    wanted = Wanted(options.environment, options.use_case, options.all)
    try:
        rehearsal = STORIES[options.story](wanted, folder=options.folder, narrator=narrator)
        with rehearsal.run(options.keep or 0) as aws:
            if options.keep is not None:
                _keep(aws, rehearsal, narrator)
    except (RehearsalError, LocalAwsError, ClientError, BotoCoreError) as error:
        log = error.log if isinstance(error, RehearsalError) and error.log else options.folder
        print(
            f"\nThe rehearsal failed in: {narrator.current_step}\nWhy: {error}\nLog: {log}",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.rehearse", description=__doc__)
    parser.add_argument(
        "--keep",
        type=int,
        nargs="?",
        const=KEPT_PORT,
        metavar="PORT",
        help=f"keep the embedded AWS running afterwards, on this port ({KEPT_PORT}; 0 takes any free one)",
    )
    parser.add_argument(
        "--story",
        choices=STORIES,
        default="short",
        help="full: years of sales, with drift, a better version and a bad one; ends in story.html",
    )
    parser.add_argument("--all", action="store_true", help="tell of every use case that has a sample")
    add_arguments(parser, REPOSITORY / "rehearsal")
    return parser.parse_args(argv)


def _keep(aws: LocalAws, rehearsal: Rehearsal, narrator: Narrator) -> None:
    """Serve until interrupted, after saying how to talk to the embedded AWS."""
    shell = rehearsal.write_shell_environment(aws)
    narrator.block(
        f"The embedded AWS keeps serving at {aws.endpoint_url}; Ctrl-C ends it. In another shell:",
        [
            f"source {shell}",
            f"cdk diff --method=template '{rehearsal.environment}/*'",
            f"python -m tools.destroy {rehearsal.environment} --force",
            "python",
            ">>> import boto3",
            f">>> boto3.client('sagemaker').describe_endpoint(EndpointName='{rehearsal.name}')",
        ],
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
