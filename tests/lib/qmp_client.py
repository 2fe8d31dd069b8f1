# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QMP client with nothing but Python, as strict as those that people use (qemu.qmp, libvirt).

It believes nothing: the greeting, every line's end, every member of every message, the order of
answers and the echo of ids are checked; a deviation is a ProtocolError. What commands return, and
which events say what, is checked against the tables of whoever uses it: see check().

Sources: QEMU docs/interop/qmp-spec, and how qemu.qmp and libvirt behave.
"""
import base64
import json
import re
import select
import socket
import time

ERROR_CLASSES = {
    "GenericError",
    "CommandNotFound",
    "DeviceNotFound",
    "DeviceNotActive",
    "KVMMissingCap",
}


class ProtocolError(Exception):
    """The server did what no QMP server may do."""


class CommandError(Exception):
    """The server refused a command; error_class and the text."""

    def __init__(self, command, error):
        super().__init__(f"{command}: {error['class']}: {error['desc']}")
        self.error_class = error["class"]
        self.desc = error["desc"]


# ---- Types ---------------------------------------------------------------------------------------
# A type is written as what it describes: {"name": type, "?optional": type} is an object with these
# members and no others, [type] an array, a set of values one of them, str, bool and int themselves.


class Range:
    """An integer: never a bool, never a float."""

    def __init__(self, low, high):
        self.low, self.high = low, high

    def fits(self, value):
        return type(value) is int and self.low <= value <= self.high

    def __repr__(self):
        return f"{self.low}..{self.high}"


class Base64:
    """Standard base64 with padding and without line breaks, of that many bytes."""

    def __init__(self, size):
        self.size = size

    def fits(self, value):
        try:
            return len(base64.b64decode(value, validate=True)) == self.size
        except (TypeError, ValueError):
            return False

    def __repr__(self):
        return f"base64 of {self.size} bytes"


class Text:
    """A string that a regular expression describes as a whole."""

    def __init__(self, pattern):
        self.pattern = pattern

    def fits(self, value):
        return isinstance(value, str) and re.fullmatch(self.pattern, value, re.DOTALL) is not None

    def __repr__(self):
        return f"/{self.pattern}/"


U8 = Range(0, 0xFF)
U32 = Range(0, 0xFFFFFFFF)
U64 = Range(0, 0xFFFFFFFFFFFFFFFF)


def _check_object(value, kind, where):
    required = {name for name in kind if not name.startswith("?")}
    optional = {name[1:] for name in kind if name.startswith("?")}
    if not isinstance(value, dict):
        raise ProtocolError(f"{where}: {value!r} is no object")
    if required - value.keys() or value.keys() - required - optional:
        raise ProtocolError(
            f"{where}: members {sorted(value)}, must be {sorted(required)},"
            f" may be {sorted(optional)}"
        )
    for name, member in value.items():
        check(member, kind.get(name, kind.get("?" + name)), f"{where}.{name}")


def check(value, kind, where):
    """Raises ProtocolError if the value is not of this type."""
    if isinstance(kind, dict):
        _check_object(value, kind, where)
    elif isinstance(kind, list):
        if not isinstance(value, list):
            raise ProtocolError(f"{where}: {value!r} is no array")
        for number, item in enumerate(value):
            check(item, kind[0], f"{where}[{number}]")
    elif isinstance(kind, (set, frozenset)):
        # True == 1 in Python, but not in JSON.
        if not any(type(value) is type(each) and value == each for each in kind):
            raise ProtocolError(f"{where}: {value!r} is none of {sorted(kind)}")
    elif isinstance(kind, type):
        if type(value) is not kind:
            raise ProtocolError(f"{where}: {value!r} is no {kind.__name__}")
    elif not kind.fits(value):
        raise ProtocolError(f"{where}: {value!r} is not {kind}")


VERSION = {"qemu": {"major": U32, "minor": U32, "micro": U32}, "package": str}
GREETING = {"QMP": {"version": VERSION, "capabilities": [str]}}
TIMESTAMP = {"seconds": U64, "microseconds": Range(0, 999999)}


# ---- The client ----------------------------------------------------------------------------------


def _unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ProtocolError(f"a member twice: {names}")
    return dict(pairs)


class Client:
    """One connection. Events that come between are kept in events, in order."""

    def __init__(self, path, timeout=60):
        self.timeout = timeout
        self.events = []
        self.order = []  # of what came: names of events, and "return" or "error"
        self.buffer = b""
        self.number = 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def greet(self):
        """The greeting; nothing else comes before negotiation."""
        greeting = self.read()
        check(greeting, GREETING, "greeting")
        self.capabilities = greeting["QMP"]["capabilities"]
        return greeting

    def negotiate(self):
        """The greeting, and all that it offers."""
        self.greet()
        arguments = {"enable": self.capabilities} if self.capabilities else None
        if self.execute("qmp_capabilities", arguments) != {}:
            raise ProtocolError("qmp_capabilities does not return {}")
        return self

    # -- lines --

    def send_bytes(self, data):
        self.socket.sendall(data)

    def wait_readable(self, seconds):
        return bool(select.select([self.socket], [], [], max(seconds, 0))[0])

    def _line(self):
        """A line without its end; None at the end of the connection."""
        while b"\n" not in self.buffer:
            data = self.socket.recv(65536)
            if not data:
                if self.buffer:
                    raise ProtocolError(f"ends within a line: {self.buffer[:200]!r}")
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        if not line.endswith(b"\r"):
            raise ProtocolError(f"a line that does not end with CR LF: {line[:200]!r}")
        return line[:-1]

    def read(self):
        """The next message, whatever it is; None at the end of the connection."""
        line = self._line()
        if line is None:
            return None
        try:
            message = json.loads(line.decode("utf-8"), object_pairs_hook=_unique)
        except ValueError as error:
            raise ProtocolError(f"{error}: {line[:200]!r}") from error
        if not isinstance(message, dict):
            raise ProtocolError(f"no object: {line[:200]!r}")
        return message

    # -- events --

    def _note_event(self, message):
        check(
            {name: message[name] for name in message if name != "data"},
            {"event": str, "timestamp": TIMESTAMP},
            "event",
        )
        if abs(message["timestamp"]["seconds"] - time.time()) > 3600:
            raise ProtocolError(f"event: not the time of now: {message}")
        # Without data there is no such member, rather than an empty one.
        if message.get("data", {"-": 0}) in ({}, None):
            raise ProtocolError(f"event: empty data: {message}")
        self.events.append(message)
        self.order.append(message["event"])

    def await_event(self, name, data=None, timeout=None):
        """The next event of this name; those before it are dropped. data: its type, or None."""
        until = time.monotonic() + (timeout or self.timeout)
        while True:
            while self.events:
                event = self.events.pop(0)
                if event["event"] == name:
                    if data is None and "data" in event:
                        raise ProtocolError(f"{name}: has data: {event['data']}")
                    if data is not None:
                        check(event.get("data"), data, name)
                    return event
            if b"\n" not in self.buffer and not self.wait_readable(until - time.monotonic()):
                raise ProtocolError(f"no event {name} within {timeout or self.timeout} s")
            message = self.read()
            if message is None:
                raise ProtocolError(f"no event {name} before the end of the connection")
            if "event" not in message:
                raise ProtocolError(f"an answer to nothing: {message}")
            self._note_event(message)

    def drain(self):
        """Everything up to the end of the connection: events, and answers."""
        rest = []
        while (message := self.read()) is not None:
            if "event" in message:
                self._note_event(message)
            else:
                rest.append(message)
        return rest

    # -- commands --

    def answer(self):
        """The next message that is no event."""
        while True:
            message = self.read()
            if message is None:
                raise ProtocolError("the connection ends before the answer")
            if "event" not in message:
                self.order.append("return" if "return" in message else "error")
                return message
            self._note_event(message)

    def take_answer(self, command, identity):
        """Of a command with this id: what it returns, or CommandError."""
        message = self.answer()
        if "error" in message:
            check(
                message,
                {"error": {"class": ERROR_CLASSES, "desc": Text(".+")}, "?id": Anything()},
                command,
            )
        elif message.keys() - {"id"} != {"return"}:
            raise ProtocolError(f"{command}: {message}")
        if "id" not in message or not same(message["id"], identity):
            raise ProtocolError(f"{command}: id {identity!r} is not echoed: {message}")
        if "error" in message:
            raise CommandError(command, message["error"])
        return message["return"]

    def send(self, command, arguments=None, identity=None):
        if identity is None:
            identity = f"__qmp#{self.number:05d}"
            self.number += 1
        request = {"execute": command, "id": identity}
        if arguments is not None:
            request["arguments"] = arguments
        self.send_bytes(json.dumps(request).encode())
        return identity

    def execute(self, command, arguments=None, kind=None):
        """What the command returns, which is of this type."""
        identity = self.send(command, arguments)
        value = self.take_answer(command, identity)
        if kind is not None:
            check(value, kind, command)
        return value

    def refused(self, command, arguments, error_class, desc):
        """The command must fail, with an error of this class and a text of this type."""
        try:
            value = self.execute(command, arguments)
        except CommandError as error:
            if error.error_class != error_class:
                raise ProtocolError(f"{error}: not {error_class}") from error
            check(error.desc, desc if not isinstance(desc, str) else {desc}, command)
            return
        raise ProtocolError(f"{command} {arguments}: is not refused, but returns {value}")


class Anything:
    """Any value at all."""

    def fits(self, _):
        return True


def same(one, other):
    """Equal as JSON: the same text, whatever Python thinks of 1, 1.0 and True."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
