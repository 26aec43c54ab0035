"""`python -m tools.notebook`: rehearse, run the notebook as the data scientist, renew its page in docs/."""

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tools.local_aws.process import LocalAwsError
from tools.notebook.execution import (
    Account,
    NotebookError,
    data_scientist,
    deliver_earlier_sales,
    execute,
    may_be_engineer,
    read_notebook,
)
from tools.notebook.page import PAGE, render, write
from tools.rehearse.errors import RehearsalError
from tools.rehearse.narrator import Narrator
from tools.rehearse.samples import HOUSE_PRICES
from tools.rehearse.story import REPOSITORY, Rehearsal

ENVIRONMENT = "dev"


def main(argv: list[str]) -> int:
    """Run it; the exit status says whether every cell did what it should."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebook", description=__doc__)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "rehearsal", help="of the rehearsal")
    folder = parser.parse_args(argv).folder
    narrator = Narrator()
    rehearsal = Rehearsal(environment=ENVIRONMENT, sample=HOUSE_PRICES, folder=folder, narrator=narrator)
    try:
        with rehearsal.run(0) as aws, narrator.step("Run the notebook as the data scientist"):
            account = Account(aws.environment(), aws.client)
            delivery = deliver_earlier_sales(account, ENVIRONMENT, HOUSE_PRICES)
            variables = data_scientist(account, ENVIRONMENT, delivery)
            notebook = execute(read_notebook(), variables | may_be_engineer(account, ENVIRONMENT, folder))
    except (NotebookError, RehearsalError, LocalAwsError, ClientError, BotoCoreError) as error:
        print(f"\nIt failed in: {narrator.current_step}\nWhy: {error}", file=sys.stderr)
        return 1
    page = render(notebook.cells)
    write(page)
    narrator.say(f"{PAGE.relative_to(REPOSITORY)} has {len(page.pictures)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
