"""A `caco-lm serve` of the embedded model for the tests of its clients: starts it, asks it in the plain way, stops it.

CACO_LM names the program; CACO_LM_CHECKPOINT another checkpoint. Test functions are the callables named test_* of a module.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

SKIPPED = 77  # what ctest takes for "skipped"
ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = "embedded"
START_SECONDS = 60


class Server:
    """Runs the server while the block is entered. `port`, `url` (with /v1)."""

    def __init__(self, *options, key=""):
        self.options = options
        self.key = key

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        port_file = pathlib.Path(self.folder.name) / "port"
        checkpoint = os.environ.get("CACO_LM_CHECKPOINT", str(ROOT / "models/embedded"))
        command = [os.environ["CACO_LM"], "serve", "--model", checkpoint, "--name", NAME, "--port", "0",
                   "--port-file", str(port_file), *self.options]
        environment = dict(os.environ, CACO_LM_API_KEY=self.key)
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists():
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}"
            assert time.monotonic() < deadline, "the server does not start"
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.folder.cleanup()
        assert code == 0, f"the server ended with {code}"

    def metrics(self):
        """Returns name{labels but model_name} -> value."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        label = f'model_name="{NAME}"'
        return {line.rsplit(" ", 1)[0].replace(label + ",", "").replace("{" + label + "}", ""): float(line.rsplit(" ", 1)[1])
                for line in lines if not line.startswith("#")}

    def wait_for_metric(self, name, least, seconds=20):
        """Waits until a metric has reached a value; fails when it does not."""
        deadline = time.monotonic() + seconds
        while (value := self.metrics().get(name, 0)) < least:
            assert time.monotonic() < deadline, f"{name} is {value}, expected {least}"
            time.sleep(0.05)


def expect(found, wanted, what=""):
    assert found == wanted, f"{what}: found {found!r}, expected {wanted!r}"


def expect_raised(kind, call, **attributes):
    """Calls and expects an exception of exactly this kind with these attributes; returns it."""
    try:
        call()
    except Exception as problem:  # every other kind is reported
        expect(type(problem).__name__, kind.__name__, str(problem))
        for name, value in attributes.items():
            expect(getattr(problem, name), value, f"{name} of {problem}")
        return problem
    raise AssertionError(f"expected {kind.__name__}, nothing was raised")


def run_tests(module, *arguments):
    """Runs the test_* functions of a module, one after the other; exits with 1 when one fails."""
    failed = 0
    for name, test in list(vars(module).items()):
        if not name.startswith("test_"):
            continue
        began = time.monotonic()
        try:
            test(*arguments)
            print(f"ok      {name} ({time.monotonic() - began:.1f} s)", flush=True)
        except Exception as problem:  # the others shall run
            failed += 1
            print(f"FAILED  {name}: {type(problem).__name__}: {problem}", flush=True)
    sys.exit(1 if failed else 0)


def dump(value):
    return json.dumps(value, ensure_ascii=False)
