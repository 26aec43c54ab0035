"""`python -m tools.local_aws`: serve the embedded AWS until interrupted."""

import argparse
import os
import signal
import sys
import threading


def main(arguments: list[str]) -> int:
    """Serves until SIGINT or SIGTERM and returns the exit status; when it serves it prints one line:
    `ready`, its address, the operator's access key id and secret access key, then the second account's."""
    options = _parse(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # Only now: it takes a while, and an interrupt meanwhile must end as quietly as later.
    from tools.local_aws.server import PortInUseError, Server, log_to_stderr

    log_to_stderr()
    try:
        with Server(
            options.account,
            options.region,
            options.port,
            new_customer=options.new_customer,
            second_account=options.second_account or "",
        ) as server:
            if options.stop_when_stdin_closes:
                threading.Thread(target=_wait_for_stdin, args=(stop,), daemon=True).start()
            operators = [context.operator for context in server.context.accounts.values()]
            keys = (f"{each.access_key_id} {each.secret_access_key}" for each in operators)
            print("ready", server.context.endpoint_url, *keys, flush=True)
            stop.wait()
    except PortInUseError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.local_aws", description=__doc__)
    parser.add_argument("--account", required=True, type=_account, help="12-digit account id to answer as")
    parser.add_argument(
        "--second-account",
        type=_account,
        help="another one, beside it, with an operator of its own",
    )
    parser.add_argument("--region", required=True)
    parser.add_argument("--port", type=int, default=5566, help="loopback port; 0 lets the system choose")
    parser.add_argument(
        "--new-customer",
        action="store_true",
        help="an account that never used what AWS has closed to new customers, such as Model Monitor",
    )
    parser.add_argument(
        "--stop-when-stdin-closes",
        action="store_true",
        help="also stop when standard input ends, so that a killed parent leaves no server behind",
    )
    return parser.parse_args(arguments)


def _account(text: str) -> str:
    if len(text) != 12 or not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not an account id; it must be 12 digits")
    return text


def _wait_for_stdin(stop: threading.Event) -> None:
    sys.stdin.buffer.read()
    stop.set()


if __name__ == "__main__":
    status = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Requests and stack operations run in threads that nobody needs any more: do not wait for them.
    os._exit(status)
