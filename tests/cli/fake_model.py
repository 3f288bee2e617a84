#!/usr/bin/env python3
"""A model server for tests: knows one kind of story, answers at once, and always alike.

Usage: fake_model.py PORT_FILE [DELAY_SECONDS]

Prompts are those of the embedded model (raw completions). A generated program draws its numbers from the request's seed; a question
states the inputs of its program; a solution works out the numbers that its question states. Every seventh program is too short, and a
question about 13 boxes is answered wrongly, so that every check has something to find.
"""
import hashlib
import json
import os
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELAY = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0


def number(text, low, high):
    digest = hashlib.sha256(text.encode()).digest()
    return low + int.from_bytes(digest[:6], "big") % (high - low + 1)


def program(key):
    boxes, apples, given = (number(key + name, *span) for name, span in (("b", (2, 40)), ("a", (2, 30)), ("g", (1, 3))))
    if number(key + "short", 0, 6) == 0:
        return f'input = {{"boxes": {boxes}}}\noutput = input["boxes"]\nprint(output)\n'
    return (
        "def solve(boxes, apples, given):\n"
        "    total = boxes * apples\n"
        "    left = total - given\n"
        "    return left\n"
        "\n"
        f'input = {{"boxes": {boxes}, "apples": {apples}, "given": {given}}}\n'
        "output = solve(**input)\n"
        "print(output)\n"
    )


def reply(prompt, key):
    if prompt.endswith("program\n"):
        return program(key)
    numbers = re.findall(r"\d+", prompt.rsplit("<|im_start|>question\n", 1)[-1])
    if prompt.endswith("question\n"):
        boxes, apples, given = re.search(r'"boxes": (\d+), "apples": (\d+), "given": (\d+)', prompt).groups()
        return f"There are {boxes} boxes with {apples} apples each. {given} apples are given away. How many are left?"
    boxes, apples, given = (int(n) for n in numbers[:3])
    wrong = 1 if boxes == 13 else 0
    return (
        f"There are {boxes} * {apples} = <<{boxes}*{apples}={boxes * apples}>>{boxes * apples} apples.\n"
        f"Then {boxes * apples} - {given} = {boxes * apples - given + wrong} are left.\n"
        f"#### {boxes * apples - given + wrong}"
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(DELAY)
        choices = [
            {"index": i, "text": reply(body["prompt"], f"{body['seed']} {i}"), "finish_reason": "stop"} for i in range(body.get("n", 1))
        ]
        data = json.dumps({"choices": choices, "usage": {"prompt_tokens": 1, "completion_tokens": 1}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".part", "w") as file:
    file.write(str(server.server_port))
os.rename(sys.argv[1] + ".part", sys.argv[1])
server.serve_forever()
