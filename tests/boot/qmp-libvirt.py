#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The life of a confidential guest in the order of commands of libvirt, as a client sees it.

    qmp-libvirt.py guest SOCKET COMMAND...    probes, attests, starts a guest, sees it end
    qmp-libvirt.py quit SOCKET                a guest that is reset, asked to switch off, ended

COMMAND, with the measurement as a last argument, packs the secret: it prints the arguments of
sev-inject-launch-secret. The tables are those of QEMU's qapi/{control,machine,misc-i386,qom,
run-state}.json: every member that is there, and no other, of the right type.
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import qmp_client  # noqa: E402
from qmp_client import Base64, Client, ProtocolError, Range, Text, U8, U32, check  # noqa: E402

NUMBER = Range(0, 2**31 - 1)
CERT = 2084

# ---- What commands return ------------------------------------------------------------------------

HUMAN = "human-monitor-command"
CAPABILITIES = {
    "pdh": Base64(CERT),
    "cert-chain": Base64(3 * CERT),
    "cpu0-id": Base64(64),
    "cbitpos": Range(40, 51),
    "reduced-phys-bits": Range(1, 63),
}
CPU = {
    "cpu-index": NUMBER,
    "qom-path": Text("/.+"),
    "thread-id": Range(1, 2**31 - 1),
    "props": {"?node-id": NUMBER, "?socket-id": NUMBER, "?die-id": NUMBER, "?core-id": NUMBER,
              "?thread-id": NUMBER},
    "?qom-type": str,
    "target": {"x86_64"},
}  # fmt: skip
PROPERTY = {"name": str, "type": str, "?description": str, "?default-value": qmp_client.Anything()}


def status(name):
    return {"status": {name}, "running": {name == "running"}}


def sev(state):
    return {
        "enabled": {True},
        "api-major": U8,
        "api-minor": U8,
        "build-id": U8,
        "state": {state},
        "sev-type": {"sev"},
        "policy": {1},
        "handle": Range(1, U32.high),
    }


# Before it has a guest, libvirt asks what this program can do.
PROBING = [
    ("query-version", None, qmp_client.VERSION),
    ("query-target", None, {"arch": {"x86_64"}}),
    ("query-commands", None, [{"name": Text("[a-z][a-z0-9_-]*")}]),
    ("query-kvm", None, {"enabled": {False}, "present": {False}}),
    ("qom-list-types", None, [{"name": str, "?abstract": bool, "?parent": str}]),
    ("query-sev-capabilities", None, CAPABILITIES),
]

# The guest is measured, and waits for its owner.
WAITING = [
    ("query-status", None, status("prelaunch")),
    ("query-name", None, {"?name": str}),
    ("query-uuid", None, {"UUID": Text("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")}),
    ("query-cpus-fast", None, [CPU]),
    ("qom-list", {"path": "/objects"}, [PROPERTY]),
    ("query-sev", None, sev("launch-secret")),
    ("query-sev-launch-measure", None, {"data": Base64(48)}),
    ("query-sev-attestation-report", {"mnonce": "MDEyMzQ1Njc4OWFiY2RlZg=="}, {"data": Base64(208)}),
    (HUMAN, {"command-line": "info status"}, {"VM status: paused (prelaunch)\r\n"}),
    (HUMAN, {"command-line": "info kvm"}, {"kvm support: not compiled\r\n"}),
    (HUMAN, {"command-line": "info sev"},
     Text("SEV type: sev\r\nstate: launch-secret\r\nbuild: 21\r\napi version: 1\\.55\r\n"
          "handle: [1-9][0-9]*\r\ndebug: off\r\nkey-sharing: on\r\n")),
    (HUMAN, {"command-line": "foo"}, {"unknown command: 'foo'\r\n"}),
]  # fmt: skip

RUNNING = [
    ("query-status", None, status("running")),
    ("query-sev", None, sev("running")),
    ("query-sev-launch-measure", None, {"data": Base64(48)}),
    (HUMAN, {"command-line": "info status"}, {"VM status: running\r\n"}),
]

# ---- What is refused -----------------------------------------------------------------------------

INJECT = "sev-inject-launch-secret"
PACKET = {"packet-header": "AAAA", "secret": "AAAA"}
NO_ADDRESS = "SEV: Failed to calculate guest address: "

REFUSED = [
    ("qmp_capabilities", None, "CommandNotFound",
     "Capabilities negotiation is already complete, command ignored"),
    ("query-nothing", None, "CommandNotFound", "The command query-nothing has not been found"),
    ("query-sev", {"x": 1}, "GenericError", "Parameter 'x' is unexpected"),
    (INJECT, None, "GenericError", Text("Parameter '(packet-header|secret)' is missing")),
    (INJECT, {"packet-header": "AAAA"}, "GenericError", "Parameter 'secret' is missing"),
    (INJECT, {**PACKET, "secret": 1}, "GenericError",
     "Invalid parameter type for 'secret', expected: string"),
    (INJECT, {**PACKET, "gpa": 1.5}, "GenericError", "Parameter 'gpa' expects uint64"),
    (INJECT, {**PACKET, "gpa": 2**64}, "GenericError", "Parameter 'gpa' expects uint64"),
    (INJECT, {**PACKET, "gpa": 2**64 - 1}, "GenericError",
     NO_ADDRESS + "No memory is mapped at address 0xffffffffffffffff"),
    (INJECT, {**PACKET, "gpa": -1}, "GenericError",
     NO_ADDRESS + "No memory is mapped at address 0xffffffffffffffff"),
    (INJECT, {**PACKET, "packet-header": "!"}, "GenericError",
     "SEV: Failed to decode sequence header"),
    (INJECT, {**PACKET, "secret": ""}, "GenericError", "SEV: Failed to decode data"),
    (INJECT, PACKET, "GenericError", Text("SEV: failed to inject secret ret=-5 fw_error=4 '.*'")),
    ("query-sev-attestation-report", {"mnonce": "AAAA"}, "GenericError",
     "SEV: mnonce must be 16 bytes (got 3)"),
    ("qom-get", {"path": "/objects/none", "property": "policy"}, "DeviceNotFound",
     "Device '/objects/none' not found"),
    ("qom-get", {"path": "/machine", "property": "zz"}, "GenericError",
     Text(r"Property '.+\.zz' not found")),
    (HUMAN, None, "GenericError", "Parameter 'command-line' is missing"),
]  # fmt: skip

REFUSED_RUNNING = [
    (INJECT, PACKET, "GenericError", "SEV: Not in correct state. (LSECRET) 3"),
]

# What a client sends that is no command at all; id: what the answer echoes.
NO_COMMAND = [
    (b"[]", None, "QMP input must be a JSON object"),
    (b'"stop"', None, "QMP input must be a JSON object"),
    (b'{"id": 7}', 7, "QMP input lacks member 'execute'"),
    (b'{"id": 7, "execute": 1}', 7, "QMP input member 'execute' must be a string"),
    (b'{"id": 7, "execute": "stop", "bogus": 1}', 7, "QMP input member 'bogus' is unexpected"),
    (b'{"id": 7, "execute": "stop", "arguments": []}', 7,
     "QMP input member 'arguments' must be an object"),
    (b'{"execute": "stop", "execute": "stop"}', None, "JSON parse error, duplicate key"),
    (b"{bad}", None, Text("JSON parse error, .+")),
    (b'{"execute": "query-name\xff', None, Text("JSON parse error, .+")),
]  # fmt: skip


class Wrong(Exception):
    """What no type can say."""


def expect(condition, what):
    if not condition:
        raise Wrong(what)


def walk(client, table):
    """Returns what each command returned, by its name."""
    returned = {}
    for command, arguments, kind in table:
        returned[command] = client.execute(command, arguments, kind)
        expect(not client.events, f"{command}: came with {client.events}")
    return returned


def walk_refused(client, table):
    for command, arguments, error_class, desc in table:
        client.refused(command, arguments, error_class, desc)


def execute_with(client, command, before, after=()):
    """A command that returns {}, and the events before and after that."""
    client.order.clear()
    client.execute(command, None, {})
    expect(client.order == [*before, "return"], f"{command}: {client.order}")
    for event in before:
        client.await_event(event)
    for event, data in after:
        client.await_event(event, data)


# ---- Clients, one after the other ----------------------------------------------------------------


def probe(path):
    with Client(path) as client:
        client.negotiate()
        said = walk(client, PROBING)
        commands = {each["name"] for each in said["query-commands"]}
        used = {row[0] for table in (PROBING, WAITING, RUNNING) for row in table}
        expect(used <= commands, f"query-commands does not name {used - commands}")
        types = {each["name"] for each in said["qom-list-types"]}
        expect("sev-guest" in types, "qom-list-types does not name sev-guest")
        greeting = said["query-version"]["qemu"]
        expect((greeting["major"], greeting["minor"]) >= (9, 1), "sev-type came with 9.1")
        if "query-qmp-schema" in commands:
            check_schema(client.execute("query-qmp-schema"), commands)
        return said["query-sev-capabilities"]


# QEMU qapi/introspect.json: what there is besides a name, for each meta-type.
ENTITIES = {
    "builtin": {
        "json-type": {"string", "number", "int", "boolean", "null", "object", "array", "value"}
    },
    "enum": {"members": [{"name": str, "?features": [str]}], "values": [str]},
    "array": {"element-type": str},
    "object": {
        "members": [{"name": str, "type": str, "?default": {None}, "?features": [str]}],
        "?tag": str,
        "?variants": [{"case": str, "type": str}],
    },
    "alternate": {"members": [{"type": str}]},
    "command": {"arg-type": str, "ret-type": str, "?allow-oob": bool},
    "event": {"arg-type": str},
}


def references(entity):
    yield from (entity[name] for name in ("arg-type", "ret-type", "element-type") if name in entity)
    for each in entity.get("members", []) + entity.get("variants", []):
        if "type" in each:
            yield each["type"]


def check_schema(schema, commands):
    """Every command is there, and every reference leads somewhere: libvirt walks them."""
    check(schema, [{"name": str, "meta-type": set(ENTITIES), **EVERYTHING}], "query-qmp-schema")
    names = {each["name"] for each in schema}
    expect(len(names) == len(schema), "query-qmp-schema: a name twice")
    for each in schema:
        kind = {"name": str, "meta-type": str, "?features": [str], **ENTITIES[each["meta-type"]]}
        check(each, kind, f"query-qmp-schema: {each['name']}")
        lost = set(references(each)) - names
        expect(not lost, f"query-qmp-schema: {each['name']}: no types {lost}")
    described = {each["name"] for each in schema if each["meta-type"] == "command"}
    expect(described == commands, f"query-qmp-schema: commands {described ^ commands}")
    events = {each["name"] for each in schema if each["meta-type"] == "event"}
    expect(EVENTS <= events, f"query-qmp-schema: no events {EVENTS - events}")


EVERYTHING = {
    "?" + name.removeprefix("?"): qmp_client.Anything()
    for entity in ENTITIES.values()
    for name in [*entity, "features"]
}
EVENTS = {"STOP", "RESUME", "SHUTDOWN", "RESET", "POWERDOWN", "GUEST_PANICKED"}


def dies(path, data, negotiated=True):
    """A client that goes away in the middle, and reads nothing more."""
    client = Client(path)
    if negotiated:
        client.negotiate()
    client.send_bytes(data)
    client.close()


def die_in_every_way(path):
    dies(path, b"", negotiated=False)
    dies(path, b'{"execute": "qmp_cap', negotiated=False)
    dies(path, b'{"execute": "query-comm')
    dies(path, b'{"execute": "query-commands"}' * 100)
    dies(path, b'{"execute": "sev-inject-launch-secret", "arguments": {"packet-header": "AAA')
    dies(path, b'{"execute": [[[[[[{"a": "')


def before_negotiation(path):
    with Client(path) as client:
        client.greet()
        desc = "Expecting capabilities negotiation with 'qmp_capabilities'"
        client.refused("query-version", None, "CommandNotFound", desc)
        check(client.execute("qmp_capabilities", {}), {}, "qmp_capabilities")
        client.execute("query-version", None, qmp_client.VERSION)


def no_commands(client):
    """Each is one error, and the connection goes on."""
    for data, identity, desc in NO_COMMAND:
        client.send_bytes(data)
        answer = client.answer()
        kind = {"error": {"class": {"GenericError"}, "desc": {desc} if type(desc) is str else desc}}
        check(answer, kind if identity is None else {**kind, "id": {identity}}, repr(data))
        try:
            client.execute("query-status", None, status("prelaunch"))
        except ProtocolError as error:
            raise ProtocolError(f"after {data!r}: {error}") from error


def ids_and_pieces(client):
    """Ids of every kind come back; how the bytes are cut does not matter."""
    for identity in ("x", "", 0, -1, 2**53 + 1, 2**63 - 1, True, None, [1, {"a": None}], {}):
        request = {"execute": "query-status", "id": identity}
        client.send_bytes(json.dumps(request).encode())
        client.take_answer(f"id {identity!r}", identity)
    client.send_bytes(b'{"execute": "query-name", "id": 1} {"execute": "query-name", "id": 2}\n')
    for identity in (1, 2):
        client.take_answer("two at once", identity)
    for byte in b'{"execute":"query-name","id":"byte by byte"}':
        client.send_bytes(bytes([byte]))
    client.take_answer("byte by byte", "byte by byte")
    client.send_bytes(b"{'execute': 'query-name', 'id': 'single quotes'}")
    client.take_answer("single quotes", "single quotes")
    client.send_bytes(b'{"execute": "query-name"}')
    expect("id" not in client.answer(), "an id that nobody gave")


def one_at_a_time(path):
    """A second client is greeted when the first has left."""
    first = Client(path).negotiate()
    second = Client(path)
    expect(not second.wait_readable(0.5), "two clients at once")
    first.execute("query-status")
    first.close()
    second.negotiate().close()


def attest(path, capabilities, pack):
    """Returns the measurement."""
    with Client(path) as client:
        client.negotiate()
        said = walk(client, WAITING)
        properties = {each["name"]: each["type"] for each in said["qom-list"]}
        guest = [name for name, kind in properties.items() if kind == "child<sev-guest>"]
        expect(len(guest) == 1, f"/objects: {properties}")
        for name, value in (("policy", 1), ("cbitpos", capabilities["cbitpos"]),
                            ("kernel-hashes", True)):  # fmt: skip
            arguments = {"path": f"/objects/{guest[0]}", "property": name}
            client.execute("qom-get", arguments, {value})
        walk_refused(client, REFUSED)
        no_commands(client)
        ids_and_pieces(client)
        measurement = said["query-sev-launch-measure"]["data"]
        packet = subprocess.run([*pack, measurement], check=True, capture_output=True).stdout
        client.execute(INJECT, json.loads(packet), {})
        walk(client, WAITING[:1])
        execute_with(client, "stop", [])
        walk(client, WAITING[:1])
        return measurement


def run(path, measurement):
    with Client(path) as client:
        client.negotiate()
        execute_with(client, "cont", ["RESUME"])
        said = walk(client, RUNNING)
        expect(said["query-sev-launch-measure"]["data"] == measurement, "another measurement")
        walk_refused(client, REFUSED_RUNNING)
        execute_with(client, "cont", [])
        execute_with(client, "stop", ["STOP"])
        client.execute("query-status", None, status("paused"))
        execute_with(client, "stop", [])
        client.execute("query-sev", None, sev("running"))
        execute_with(client, "cont", ["RESUME"])


def see_it_end(path):
    with Client(path, timeout=300) as client:
        client.negotiate()
        client.await_event("SHUTDOWN", {"guest": {True}, "reason": {"guest-shutdown"}})
        expect(client.drain() == [], "answers to nothing")
        expect(not client.events, f"after SHUTDOWN: {client.events}")


def guest(path, *pack):
    before_negotiation(path)
    capabilities = probe(path)
    die_in_every_way(path)
    one_at_a_time(path)
    measurement = attest(path, capabilities, pack)
    die_in_every_way(path)
    run(path, measurement)
    die_in_every_way(path)
    one_at_a_time(path)
    see_it_end(path)


def quit_(path):
    reset = ("RESET", {"guest": {False}, "reason": {"host-qmp-system-reset"}})
    with Client(path) as client:
        client.negotiate()
        execute_with(client, "cont", ["RESUME"])
        execute_with(client, "system_reset", [], [reset])
        client.execute("query-status", None, status("running"))
        execute_with(client, "stop", ["STOP"])
        execute_with(client, "system_reset", [], [reset])
        client.execute("query-status", None, status("prelaunch"))
        execute_with(client, "cont", ["RESUME"])
        execute_with(client, "system_powerdown", ["POWERDOWN"])
        # Return and event may come in either order, or not at all.
        identity = client.send("quit")
        for answer in client.drain():
            check(answer, {"return": {}, "id": {identity}}, "quit")
        client.events[:] = [event for event in client.events if event["event"] == "SHUTDOWN"]
        expect(len(client.events) == 1, f"quit: {client.order}")
        data = {"guest": {False}, "reason": {"host-qmp-quit"}}
        check(client.events[0]["data"], data, "SHUTDOWN")


def main():
    modes = {"guest": guest, "quit": quit_}
    if len(sys.argv) < 3 or sys.argv[1] not in modes:
        print("usage: qmp-libvirt.py guest SOCKET COMMAND... | quit SOCKET", file=sys.stderr)
        return 2
    try:
        modes[sys.argv[1]](*sys.argv[2:])
    except (ProtocolError, qmp_client.CommandError, Wrong) as error:
        print(f"qmp-libvirt: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
