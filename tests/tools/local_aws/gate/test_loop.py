"""The loop of the web server asks who rests only after an event, and misses none."""

import socket
from collections.abc import Iterator

import pytest

from tools.local_aws.gate.loop import Loop


class Connection:
    """One end of a pair of sockets, as waitress keeps it; `asked` counts how often the loop asks it."""

    accepting = False

    def __init__(self, map: dict[int, "Connection"]) -> None:
        self.own, self.client = socket.socketpair()
        self.asked = 0
        self.read = b""
        self.answer = b""
        self._map = map
        map[self.own.fileno()] = self

    def readable(self) -> bool:
        self.asked += 1
        return not self.answer

    def writable(self) -> bool:
        return bool(self.answer)

    def handle_read_event(self) -> None:
        self.read = self.own.recv(100)
        self.answer = self.read
        if self.read == b"close":
            self.handle_close()

    def handle_write_event(self) -> None:
        self.own.sendall(self.answer)
        self.answer = b""

    def handle_close(self) -> None:
        del self._map[self.own.fileno()]
        self.own.close()


class Rounds(dict[int, Connection]):
    """What a loop watches; it ends after so many rounds."""

    left = 0

    def __bool__(self) -> bool:
        self.left -= 1
        return self.left >= 0


@pytest.fixture
def watched() -> Rounds:
    return Rounds()


@pytest.fixture
def connections(watched: Rounds) -> Iterator[list[Connection]]:
    made = [Connection(watched) for _ in range(3)]
    yield made
    for each in made:
        each.own.close()
        each.client.close()


def run(loop: Loop, watched: Rounds, rounds: int) -> None:
    watched.left = rounds
    loop.loop(0.01, watched, use_poll=True)


def test_who_rests_is_asked_once(watched: Rounds, connections: list[Connection]) -> None:
    run(Loop(), watched, 10)

    assert [each.asked for each in connections] == [1, 1, 1]


def test_who_is_spoken_to_answers_while_the_others_rest(
    watched: Rounds, connections: list[Connection]
) -> None:
    loop = Loop()
    for message in (b"first", b"second"):
        connections[1].client.sendall(message)
        run(loop, watched, 3)
        assert connections[1].client.recv(100) == message

    assert [each.asked for each in connections] == [1, connections[1].asked, 1]


def test_what_has_changed_without_an_event_is_seen_after_a_second(
    watched: Rounds, connections: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = Loop()
    run(loop, watched, 2)
    connections[0].answer = b"late"
    monkeypatch.setattr("tools.local_aws.gate.loop._ALL_ARE_ASKED_SECONDS", 0.0)
    run(loop, watched, 2)

    assert connections[0].client.recv(100) == b"late"


def test_a_new_connection_with_the_descriptor_of_a_closed_one_is_heard(
    watched: Rounds, connections: list[Connection]
) -> None:
    loop = Loop()
    run(loop, watched, 1)
    descriptor = connections[0].own.fileno()
    connections[0].client.sendall(b"close")
    run(loop, watched, 1)
    new = Connection(watched)
    connections.append(new)
    assert new.own.fileno() == descriptor
    new.client.sendall(b"hello")
    run(loop, watched, 3)

    assert new.client.recv(100) == b"hello"
