"""A client of our own making, http.client and a reader of server-sent events, against `caco-lm serve`: what is on the wire."""

import http.client
import json
import signal
import socket
import sys
import threading
import time

import lm_server
from lm_server import NAME, Server, expect

PROMPT = "A farmer has 12 boxes"
ENDLESS = {"ignore_eos": True, "repetition_stop": False}


def ask(server, path, body=None, headers=None):
    """Returns status, headers and the body, read as JSON where it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    text = None if body is None else lm_server.dump(body).encode()
    connection.request("GET" if body is None else "POST", path, text, {"Content-Type": "application/json", **(headers or {})})
    reply = connection.getresponse()
    data = reply.read().decode()
    connection.close()
    is_json = reply.headers["Content-Type"].startswith("application/json")
    return reply.status, reply.headers, json.loads(data) if is_json else data


def events(server, path, body):
    """Yields (time, data) of each event as it comes in."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("POST", path, lm_server.dump({**body, "stream": True}).encode())
    reply = connection.getresponse()
    expect((reply.status, reply.headers["Content-Type"]), (200, "text/event-stream"))
    for line in iter(reply.readline, b""):
        line = line.decode().rstrip("\r\n")
        assert line == "" or line.startswith("data: "), line
        if line:
            yield time.monotonic(), line.removeprefix("data: ")
    connection.close()


def test_small_endpoints(server):
    expect(ask(server, "/health")[0], 200)
    status, headers, models = ask(server, "/v1/models", headers={"X-Request-Id": "a-b"})
    expect((status, headers["x-request-id"], models["data"][0]["id"]), (200, "a-b", NAME))
    tokens = ask(server, "/tokenize", {"prompt": "12 + 30 = 42 é"})[2]
    expect(tokens["count"], len(tokens["tokens"]))
    expect(ask(server, "/detokenize", {"tokens": tokens["tokens"]})[2], {"prompt": "12 + 30 = 42 é"})
    by_ids = {"prompt": tokens["tokens"], "seed": 1, "max_tokens": 5}
    expect(ask(server, "/v1/completions", by_ids)[2]["choices"],
           ask(server, "/v1/completions", {**by_ids, "prompt": "12 + 30 = 42 é"})[2]["choices"])


def test_streams_come_while_they_grow(server):
    body = {"prompt": PROMPT, "max_tokens": 800, **ENDLESS}
    seen = list(events(server, "/v1/completions", body))
    expect(seen[-1][1], "[DONE]")
    assert len(seen) > 100, f"{len(seen)} events"
    spread = seen[-1][0] - seen[0][0]
    assert spread > 0.02, f"all {len(seen)} events came within {spread:.3f} s"
    last = json.loads(seen[-2][1])
    expect((last["choices"][0]["finish_reason"], last["choices"][0]["text"]), ("length", ""))


def test_errors_have_one_shape(server):
    for path, body, status in (("/v1/completions", {"prompt": 5}, 400), ("/nothing", None, 404), ("/v1/models", {}, 405),
                               ("/v1/completions", {"prompt": "a", "model": "x"}, 404)):
        found, headers, reply = ask(server, path, body)
        expect(found, status, path)
        expect(sorted(reply["error"]), ["code", "message", "param", "type"])
        assert headers["x-request-id"], path
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/v1/completions", b"{not json")
    expect(connection.getresponse().status, 400)


def test_requests_join_a_running_batch(server):
    """A short request is answered while a long one is still growing."""
    long_end = []
    body = {"prompt": PROMPT, "max_tokens": 900, "n": 4, **ENDLESS}
    thread = threading.Thread(target=lambda: (ask(server, "/v1/completions", body), long_end.append(time.monotonic())))
    thread.start()
    server.wait_for_metric("vllm:num_requests_running", 1)
    expect(ask(server, "/v1/completions", {"prompt": PROMPT, "max_tokens": 3})[0], 200)
    short_end = time.monotonic()
    thread.join()
    assert short_end < long_end[0], "the short request waited for the long one"


def test_broken_connections_cancel(server):
    name = 'vllm:request_success_total{finished_reason="abort"}'
    for is_streamed in (False, True):
        before = server.metrics().get(name, 0)
        body = lm_server.dump({"prompt": PROMPT, "max_tokens": 900, "n": 100, "stream": is_streamed, **ENDLESS}).encode()
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        server.wait_for_metric("vllm:num_requests_running", 1)
        connection.close()
        server.wait_for_metric(name, before + 1)


def test_sigterm_finishes_what_runs(_):
    with Server("--grace-seconds", "60") as server:
        results = []
        body = {"prompt": PROMPT, "max_tokens": 500, "n": 8, **ENDLESS}
        thread = threading.Thread(target=lambda: results.append(ask(server, "/v1/completions", body)))
        thread.start()
        server.wait_for_metric("vllm:num_requests_running", 1)
        early = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        early.connect()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        early.request("POST", "/v1/completions", lm_server.dump({"prompt": PROMPT}).encode())
        refused = early.getresponse()
        expect((refused.status, refused.headers["Retry-After"]), (503, "1"))
        thread.join()
        status, _, reply = results[0]
        expect((status, len(reply["choices"]), reply["usage"]["completion_tokens"]), (200, 8, 8 * 500))
        expect(server.process.wait(30), 0)


if __name__ == "__main__":
    with Server() as running:
        lm_server.run_tests(sys.modules["__main__"], running)
