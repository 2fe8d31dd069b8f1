#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A QMP server that answers as it is told, to one client, and notes what it was asked.

    fake_host.py SOCKET LOG [COMMAND=JSON]...

JSON is what the command returns; an object with the one member "error" is an error; "!" closes the
connection instead. A command given more than once gives its answers in this order, the last one for
ever. One that is not given fails as unknown. LOG gets a line for each command: name and arguments.
"""
import json
import os
import signal
import socket
import sys

signal.alarm(30)
path, log, *specs = sys.argv[1:]
answers = {"qmp_capabilities": ["{}"]}
for spec in specs:
    name, _, text = spec.partition("=")
    answers.setdefault(name, []).append(text)

listener = socket.socket(socket.AF_UNIX)
listener.bind(path + ".new")
listener.listen(1)
os.rename(path + ".new", path)  # there only when it listens
client, _ = listener.accept()
client.sendall(b'{"QMP": {"version": {}, "capabilities": []}}\r\n')
event = b'{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESUME"}\r\n'

with open(log, "a", encoding="utf-8") as notes:
    for line in client.makefile("r", encoding="utf-8"):
        command = json.loads(line)
        name = command["execute"]
        print(name, json.dumps(command.get("arguments", {}), sort_keys=True), file=notes, flush=True)
        texts = answers.get(name)
        if not texts:
            reply = {"error": {"class": "CommandNotFound",
                               "desc": f"The command {name} has not been found"}}
        else:
            text = texts.pop(0) if len(texts) > 1 else texts[0]
            if text == "!":
                break
            value = json.loads(text)
            reply = value if isinstance(value, dict) and list(value) == ["error"] else {
                "return": value}
        reply["id"] = command["id"]
        try:
            client.sendall(event + json.dumps(reply).encode() + b"\r\n" + event)
        except OSError:
            break
