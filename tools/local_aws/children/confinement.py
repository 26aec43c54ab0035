"""Runs a command apart from this machine, as a container would, and ends all that it has started.

Usage: `python -I -S confinement.py <work folder> <folder that stands for /opt/ml> <program> <argument>...`.
Where the kernel lets everybody have namespaces (Linux 5.12, user namespaces), the command

- finds its folder at /opt/ml too and may write there, in HOME and in /tmp, and nowhere else;
- reaches no network but a loopback interface of its own, where the port of AWS_ENDPOINT_URL leads to the
  embedded AWS;
- sees no process but its own.

Where it does not, a line on standard error says so. Everywhere the command's memory is limited, and whatever
it has started, in a session of its own too, ends with it, with this program and with who started this one.
Needs nothing but Python's library. Source: https://man7.org/linux/man-pages/man7/namespaces.7.html.
"""

import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x40000
_MOUNT_SETATTR, _AT_RECURSIVE, _READ_ONLY = 442, 0x8000, 1
_SET_INTERFACE_FLAGS, _UP = 0x8914, 0x41
_MEMORY_SHARE = 0.75
_MOST_PROCESSES = 1024
_CHUNK_BYTES = 1 << 16
_REPOSITORY = str(Path(__file__).resolve().parents[3])
_WHY = "This machine lets no program have namespaces"
UNCONFINED = f"{_WHY}: /opt/ml is its own only where SageMaker names it, and the network is open."


def _call(name: str, *arguments: Any) -> None:
    if getattr(_LIBC, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str | None = None, flags: int = 0) -> None:
    words = [word.encode() if word else None for word in (source, target, kind)]
    _call("mount", *words, ctypes.c_ulong(flags), None)


def _set_read_only(target: str, *, recursive: bool = False, read_only: bool = True) -> None:
    attributes = (_READ_ONLY, 0) if read_only else (0, _READ_ONLY)
    packed = struct.pack("QQQQ", *attributes, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    _call("syscall", _MOUNT_SETATTR, -100, target.encode(), flags, packed, len(packed))


def _leave_the_machine() -> None:
    """Namespaces of users and processes; the latter is for children only."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_USER | _NEW_PROCESSES | _NEW_IPC)
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"), ("gid_map", f"0 {group} 1")):
        Path(f"/proc/self/{file}").write_text(text)


def _have_own_mounts() -> None:
    _call("unshare", _NEW_MOUNTS)
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)


def _is_possible() -> bool:
    """Tried by a process of its own: half of it cannot be undone, and some machines refuse the other half."""
    trial = os.fork()
    if trial == 0:
        try:
            _leave_the_machine()
            _have_own_mounts()
            _set_read_only("/", recursive=True)
            _call("unshare", _NEW_NETWORK)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(trial, 0)[1] == 0


def _furnish(work: str, folder: str) -> None:
    """Its folder at /opt/ml, and everything but that, HOME and the usual places read-only."""
    _have_own_mounts()
    writable = [folder, os.environ.get("HOME", folder), "/tmp", "/dev/shm"]
    # The repository, too, may lie in one of the usual places.
    for path in (_REPOSITORY, work, *writable):
        _mount(path, path, None, _BIND | _RECURSIVE)
    _add_place_for_models()
    _mount(folder, "/opt/ml", None, _BIND)
    # Where this machine is a container itself, and hides files of /proc, nobody may have another one.
    with suppress(OSError):
        _mount("proc", "/proc", "proc")
        # Of this namespace alone since Linux 6.14; the limit below is none for root.
        Path("/proc/sys/kernel/pid_max").write_text(str(_MOST_PROCESSES))
    _set_read_only("/", recursive=True)
    for path in (*writable, "/opt/ml"):
        _set_read_only(path, read_only=False)


def _add_place_for_models() -> None:
    """Makes /opt/ml without touching the machine's /opt: a new one shows the same and has room for it."""
    if Path("/opt/ml").is_dir():
        return
    machine = os.open("/opt", os.O_PATH | os.O_DIRECTORY)
    entries = sorted(Path("/opt").iterdir())
    kinds = [(path, path.is_dir(), path.is_symlink() and path.readlink()) for path in entries]
    _mount("tmpfs", "/opt", "tmpfs")
    for path, is_folder, link in kinds:
        if link:
            path.symlink_to(link)
            continue
        path.mkdir() if is_folder else path.touch()
        _mount(f"/proc/self/fd/{machine}/{path.name}", str(path), None, _BIND | _RECURSIVE)
    os.close(machine)
    Path("/opt/ml").mkdir()


def _own_loopback(port: int) -> socket.socket:
    """A network of its own, and what listens there on the port of the embedded AWS."""
    _call("unshare", _NEW_NETWORK)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, struct.pack("16sh14x", b"lo", _UP))
    return socket.create_server(("127.0.0.1", port))


def _relay(own_end: socket.socket) -> NoReturn:
    """Passes on here what arrives in the other network, whose socket comes through `own_end`.

    A process of its own, because one whose children get other process numbers cannot have threads.
    """
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL)
    _, numbers, _, _ = socket.recv_fds(own_end, 1, 1)
    if not numbers:
        os._exit(0)
    listener, port = socket.socket(fileno=numbers[0]), _port()
    while True:
        inside, _ = listener.accept()
        try:
            outside = socket.create_connection(("127.0.0.1", port))
        except OSError:
            inside.close()
            continue
        for pair in ((inside, outside), (outside, inside)):
            threading.Thread(target=_copy, args=pair, daemon=True).start()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(_CHUNK_BYTES):
            target.sendall(chunk)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _port() -> int:
    return urlsplit(os.environ.get("AWS_ENDPOINT_URL", "")).port or 0


def _run(command: list[str], outside: int) -> None:
    """Runs the command and writes its wait status to `outside`; waits for orphans meanwhile."""
    program = os.fork()
    if program == 0:
        _become(command)
    while True:
        ended, status = os.wait()
        if ended == program:
            os.write(outside, struct.pack("i", status))
            os._exit(0)


def _become(command: list[str]) -> NoReturn:
    memory = int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * _MEMORY_SHARE)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr, flush=True)
        os._exit(127)


def _end_all_others() -> None:
    """Kills the children of this process, and theirs, which become its own when their parents end."""
    while True:
        for file in Path("/proc/self/task").glob("*/children"):
            for child in file.read_text().split():
                os.kill(int(child), signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return


def _end_like(status: int) -> NoReturn:
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with suppress(OSError):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))


def _first_process(work: str, folder: str, relay: socket.socket | None) -> None:
    _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL)
    if relay is not None:
        _furnish(work, folder)
        # The mount that it may write to lies over where it was.
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_NPROC, (_MOST_PROCESSES, _MOST_PROCESSES))
        with _own_loopback(_port()) as listener:
            socket.send_fds(relay, [b"1"], [listener.fileno()])


def main(work: str, folder: str, *command: str) -> NoReturn:
    """Ends as the command ends, or by SIGTERM; then nothing is left of it."""
    parent, (relay, far_relay), (result, far_result) = os.getppid(), socket.socketpair(), os.pipe()
    if os.fork() == 0:
        relay.close()
        _relay(far_relay)
    far_relay.close()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    status = signal.SIGKILL.value
    try:
        apart = _is_possible()
        if apart:
            _leave_the_machine()
        else:
            print(UNCONFINED, file=sys.stderr, flush=True)
        # Only now: the kernel forgets it when a process changes its rights.
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGTERM)
        _call("prctl", _PR_SET_CHILD_SUBREAPER, 1)
        if os.getppid() != parent:
            sys.exit()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            _first_process(work, folder, relay if apart else None)
            _run(list(command), far_result)
        relay.close()
        os.close(far_result)
        if sent := os.read(result, 4):
            (status,) = struct.unpack("i", sent)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end_all_others()
        _end_like(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
