"""`python -m tools.notebook`: rehearse, run the notebook as the data scientist, renew its page in docs/."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_aws.process import LocalAwsError
from tools.notebook.execution import (
    USE_CASE,
    Account,
    NotebookError,
    data_scientist,
    deliver_the_others,
    execute,
    may_be_engineer,
    read_notebook,
)
from tools.notebook.page import PAGE, render, write
from tools.rehearse.choice import Wanted, add_arguments
from tools.rehearse.errors import NotThereError, RehearsalError
from tools.rehearse.narrator import Narrator
from tools.rehearse.story import REPOSITORY, Rehearsal


def main(argv: list[str]) -> int:
    """Run it; the exit status says whether every cell did what it should."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebook", description=__doc__)
    add_arguments(parser, REPOSITORY / "rehearsal")
    options = parser.parse_args(argv)
    narrator = Narrator()
    wanted = Wanted(options.environment, options.use_case or USE_CASE)
    rehearsal = Rehearsal(wanted, folder=options.folder, narrator=narrator)
    try:
        with rehearsal.run(0) as aws, narrator.step("Run the notebook as the data scientist"):
            account = Account(aws.environment(), aws.client, rehearsal.assembly.prefix)
            variables = data_scientist(account, rehearsal.name, deliver_the_others(account, rehearsal.sample))
            notebook = execute(read_notebook(), variables | may_be_engineer(account, options.folder))
    except NotThereError as error:
        narrator.say(f"The notebook is about {USE_CASE}, and its page stays as it is: {error}")
        return 0
    except (NotebookError, RehearsalError, LocalAwsError, ClientError, BotoCoreError) as error:
        print(f"\nIt failed in: {narrator.current_step}\nWhy: {error}", file=sys.stderr)
        return 1
    page = render(notebook.cells)
    narrator.say(f"{PAGE.relative_to(REPOSITORY)} {'is new' if write(page) else 'says what it said'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
