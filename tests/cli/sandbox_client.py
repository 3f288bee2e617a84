"""What the tests of the sandbox service share: requests as its clients send them, with nothing but Python's own library."""
import json
import sys
import urllib.error
import urllib.request

URL = sys.argv[1]


def ask(route, body=None, headers=None, timeout=120):
    """Returns status, headers and text of one request; a body that is no text is sent as JSON."""
    if body is not None and not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(URL + route, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.status, reply.headers, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def ask_json(route, body=None, headers=None):
    """Returns status and JSON of one request."""
    status, _, text = ask(route, body, headers)
    return status, json.loads(text)


def metric(name):
    for line in ask("/metrics")[2].splitlines():
        if line.startswith(name + " "):
            return float(line.rsplit(" ", 1)[1])
    return 0.0


def expect(found, wanted, what=""):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")
