"""Databases: where they are, what is read there, and where user and password are."""

import re
from collections.abc import Iterator
from typing import Annotated

from config.mistakes.errors import Mistake, checked
from config.values.fields import matching

# The drivers that Glue brings:
# https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-jdbc-home.html
_URL = re.compile(
    r"jdbc:(mysql|postgresql|redshift|sqlserver)://[A-Za-z0-9.-]+:[0-9]{1,5}([/;?][^\s@]*)?"
    r"|jdbc:oracle:thin:@(//)?[A-Za-z0-9.-]+:[0-9]{1,5}[:/][\w.$-]+"
)
_LOGIN = re.compile(r"(?i)[?&;](user|password|pwd|username)=")
_PORT = re.compile(r":([0-9]{1,5})(?=[/;?:]|$)")
_MOST_PORT = 65_535


def _url(value: str) -> Iterator[Mistake]:
    problem = ""
    if not _URL.fullmatch(value):
        problem = "is no address of a database that Glue has a driver for"
    elif _LOGIN.search(value):
        problem = "names a user or a password, which everybody could read"
    elif not 1 <= port_of(value) <= _MOST_PORT:
        problem = f"names the port {port_of(value)}, which does not exist"
    if problem:
        allowed = "jdbc:<mysql, postgresql, redshift or sqlserver>://<host>:<port>/..., or Oracle's"
        change = "write host and port; user and password belong into the secret"
        yield Mistake((), value, problem, allowed, change)


def port_of(url: str) -> int:
    """Return the port of a database's address, 0 when it names none."""
    found = _PORT.search(url)
    return int(found[1]) if found else 0


_SECRET = matching(
    r"[A-Za-z0-9/_+=.@-]{1,400}",
    "is no name of a secret",
    "letters, digits and / _ + = . @ -; no ARN: every environment has its own secret",
    "write the bare name",
)
_TABLE = matching(
    r'[A-Za-z_"][\w$"]*(\.[A-Za-z_"][\w$"]*){0,2}',
    "is no table of a database",
    "names of letters, digits, _ and $, joined by dots, in quotes where capitals matter",
    "write e.g. public.sales, or a query",
)

JdbcUrl = Annotated[str, checked(_url)]
SecretName = Annotated[str, _SECRET]
QualifiedTable = Annotated[str, _TABLE]
