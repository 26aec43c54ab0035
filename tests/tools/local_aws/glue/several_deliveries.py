"""Runs the script of deliveries several times in one session of Spark, which takes seconds to start."""

import json
import runpy
import sys
from contextlib import suppress

from awsglue.utils import getResolvedOptions
from py4j.protocol import Py4JJavaError
from pyspark.context import SparkContext

DATABASE = "jdbc:derby:memory:sales"


def main() -> None:
    options = getResolvedOptions(sys.argv, ["cases", "database", "script"])
    create_database(json.loads(options["database"]))
    for name, arguments in json.loads(options["cases"]).items():
        words = [word for key, value in arguments.items() for word in (f"--{key}", value)]
        sys.argv = [options["script"], *words]
        try:
            runpy.run_path(options["script"], run_name="__main__")
            outcome = ""
        except Exception as error:
            outcome = f"{type(error).__name__}: {error}"
        print(f"CASE {json.dumps([name, outcome])}", flush=True)


def create_database(statements: list[str]) -> None:
    """In Derby, in the memory of this process; who may read it, it knows when it has been started again."""
    connect = SparkContext.getOrCreate()._jvm.java.sql.DriverManager.getConnection
    for statement in statements:
        connect(f"{DATABASE};create=true").createStatement().execute(statement)
    with suppress(Py4JJavaError):
        connect(f"{DATABASE};shutdown=true")


if __name__ == "__main__":
    main()
