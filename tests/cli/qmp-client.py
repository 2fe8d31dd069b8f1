#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests/lib/qmp_client.py, by which servers are judged, must find wrong, and what it must not.

A table of what a server says, and what the client thinks of it. Prints TAP.
"""
import contextlib
import json
import pathlib
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import qmp_client  # noqa: E402
from qmp_client import Base64, Client, CommandError, ProtocolError, Range, Text, U64  # noqa: E402

NOW = f'"timestamp": {{"seconds": {int(time.time())}, "microseconds": 7}}'
VERSION = '{"qemu": {"micro": 0, "minor": 0, "major": 10}, "package": "test"}'
HELLO = '{"QMP": {"version": %s, "capabilities": []}}\r\n' % VERSION
READY = '{"return": {}, "id": "__qmp#00000"}\r\n'
ANSWER = '{"return": {"status": "paused", "running": false}, "id": "__qmp#00001"}\r\n'
STOP = '{%s, "event": "STOP"}\r\n' % NOW
ERROR = '{"error": {"class": "GenericError", "desc": "no"}, "id": "__qmp#00001"}\r\n'

# What the server says after READY; whether the client takes it as the answer to query-status.
DIALOGUES = [
    ("an answer", ANSWER, None),
    ("an event, then the answer", STOP + ANSWER, None),
    ("id first", '{"id": "__qmp#00001", ' + ANSWER[1:].replace(', "id": "__qmp#00001"', ""), None),
    ("an error", ERROR, CommandError),
    ("a line that ends with LF", ANSWER.replace("\r", ""), ProtocolError),
    ("another id", ANSWER.replace("00001", "00002"), ProtocolError),
    ("no id", ANSWER.replace(', "id": "__qmp#00001"', ""), ProtocolError),
    ("an error without id", ERROR.replace(', "id": "__qmp#00001"', ""), ProtocolError),
    ("an id that is a number", ANSWER.replace('"__qmp#00001"', "1"), ProtocolError),
    ("a member too many", ANSWER.replace("}\r", ', "x": 1}\r'), ProtocolError),
    ("a member too many within", ANSWER.replace('"running"', '"x": 1, "running"'), ProtocolError),
    ("a member missing", ANSWER.replace(', "running": false', ""), ProtocolError),
    ("a member twice", ANSWER.replace('"running"', '"status": "paused", "running"'), ProtocolError),
    ("0 for false", ANSWER.replace("false", "0"), ProtocolError),
    ("an unknown word", ANSWER.replace("paused", "pausing"), ProtocolError),
    ("return and error", ANSWER.replace('"id"', '"error": {}, "id"'), ProtocolError),
    ("an unknown class", ERROR.replace("GenericError", "BadError"), ProtocolError),
    ("an error without text", ERROR.replace('"no"', '""'), ProtocolError),
    ("an event without time", STOP.replace(NOW + ", ", "") + ANSWER, ProtocolError),
    ("an event with empty data", STOP.replace("}\r", ', "data": {}}\r') + ANSWER, ProtocolError),
    ("an event of another time", STOP.replace(NOW, NOW.replace("1", "2")) + ANSWER, ProtocolError),
    ("an event with an id", STOP.replace("}\r", ', "id": 1}\r') + ANSWER, ProtocolError),
    ("no JSON", "{'return': {}}\r\n", ProtocolError),
    ("no object", "[]\r\n", ProtocolError),
    ("no UTF-8", ANSWER.replace("paused", "\udcff"), ProtocolError),
    ("half a line", ANSWER[:20], ProtocolError),
    ("nothing", "", ProtocolError),
]

GREETINGS = [
    ("no capabilities", HELLO.replace(', "capabilities": []', "")),
    ("a version of strings", HELLO.replace("10", '"10"')),
    ("an event first", STOP + HELLO),
    ("no package", HELLO.replace(', "package": "test"', "")),
]

# value, type, whether it fits
VALUES = [
    (0, Range(0, 1), True),
    (2, Range(0, 1), False),
    (True, Range(0, 1), False),
    (1.0, Range(0, 1), False),
    (2**64 - 1, U64, True),
    (2**64, U64, False),
    (-1, U64, False),
    ("AAAA", Base64(3), True),
    ("AAAA", Base64(4), False),
    ("AA\nAA", Base64(3), False),
    ("AAA", Base64(2), False),
    (1, Base64(1), False),
    ("ab", Text("a."), True),
    ("abc", Text("a."), False),
    (1, {True}, False),
    (True, {True}, True),
    ([{"a": 1}], [{"a": int}], True),
    ([{"a": 1}, {}], [{"a": int}], False),
    ([{"a": 1}, {}], [{"?a": int}], True),
    ([{"b": 1}], [{"?a": int}], False),
    (True, int, False),
    ({}, [int], False),
    ([], {}, False),
]

STATUS = {"status": {"paused"}, "running": {False}}


class Report:
    def __init__(self):
        self.number = self.failed = 0

    def add(self, title, found, expected):
        self.number += 1
        self.failed += found != expected
        print(f"{'ok' if found == expected else 'not ok'} {self.number} - {title}")
        if found != expected:
            print(f"# found {found}, expected {expected}")


def outcome(function):
    """The kind of exception, or None."""
    try:
        function()
    except (ProtocolError, CommandError) as error:
        return type(error)
    return None


def with_server(path, said, function):
    """function(client) against a server that says this, whatever it hears, and hangs up."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        pathlib.Path(path).unlink(missing_ok=True)
        listener.bind(path)
        listener.listen(1)

        def serve():
            connection = listener.accept()[0]
            with connection:
                connection.sendall(said.encode("utf-8", "surrogateescape"))
                connection.shutdown(socket.SHUT_WR)
                # A client that was told enough hangs up.
                with contextlib.suppress(ConnectionError):
                    while connection.recv(4096):
                        pass

        thread = threading.Thread(target=serve)
        thread.start()
        with Client(path, timeout=10) as client:
            found = outcome(lambda: function(client))
        thread.join()
        return found


def main():
    report = Report()

    def ask(client):
        client.negotiate()
        client.execute("query-status", None, STATUS)

    def await_stop(client):
        client.negotiate()
        client.await_event("STOP")

    with tempfile.TemporaryDirectory() as directory:
        path = f"{directory}/qmp"
        for title, said, expected in DIALOGUES:
            report.add(title, with_server(path, HELLO + READY + said, ask), expected)
        for title, said in GREETINGS:
            report.add(title, with_server(path, said + READY, ask), ProtocolError)
        report.add("an event", with_server(path, HELLO + READY + STOP, await_stop), None)
        report.add("no event", with_server(path, HELLO + READY, await_stop), ProtocolError)
        found = with_server(path, HELLO + READY + ANSWER, await_stop)
        report.add("an answer to nothing", found, ProtocolError)
    for value, kind, fits in VALUES:
        found = outcome(lambda v=value, k=kind: qmp_client.check(v, k, "value")) is None
        report.add(f"{json.dumps(value)} as {kind}", found, fits)
    print(f"1..{report.number}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
