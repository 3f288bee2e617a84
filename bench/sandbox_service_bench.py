"""What a program costs through each face of the sandbox: HTTP one by one, an HTTP batch, `caco exec`, the sandbox alone.

    python3 bench/sandbox_service_bench.py build/release/bin/caco [programs] [clients]

The figure is the CPU time of the server and all that it started (from /proc), so that other work on the machine weighs little; the
client's own is not in it. Programs a second are printed too and hold for an idle machine only. Uses nothing but Python's library.
"""
import http.client
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import threading
import time

CACO = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
CLIENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 4
TICKS = os.sysconf("SC_CLK_TCK")

TRIVIAL = "input = {'n': 20}\noutput = input['n'] * 2\nprint(output)\n"
STDIN = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n"


def cpu_seconds(root):
    """CPU time of a process, of its descendants, and of those of them that were waited for."""
    stats = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        stats[int(path.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    family = {root}
    while True:
        more = {pid for pid, (parent, _) in stats.items() if parent in family} - family
        if not more:
            return sum(stats[pid][1] for pid in family if pid in stats) / TICKS
        family |= more


def measure(name, root, work, count):
    before, start = cpu_seconds(root), time.monotonic()
    work()
    wall, cpu = time.monotonic() - start, cpu_seconds(root) - before
    print(f"| {name} | {1000 * cpu / count:.2f} | {count / wall:.0f} |", flush=True)


def one_by_one(port, route, body, count, keeps_alive):
    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for _ in range(count // CLIENTS):
            connection.request("POST", route, body, {"Content-Type": "application/json"})
            reply = connection.getresponse()
            assert reply.status == 200 and b"verdict" in reply.read()
            if not keeps_alive:
                connection.close()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def batch(port, rows):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/run_batch", "\n".join(rows), {"Content-Type": "application/x-ndjson"})
    assert len(connection.getresponse().read().splitlines()) == len(rows)


def rows_of(count, **more):
    return [json.dumps({"id": i, "program": TRIVIAL, **more}) for i in range(count)]


def exec_seconds(folder, count):
    """CPU time of `caco exec` over so many rows."""
    path = folder / f"{count}.jsonl"
    path.write_text("\n".join(rows_of(count)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    subprocess.run([CACO, "exec", path, "-q", "-o", folder / "out.jsonl"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def main():
    count = COUNT // CLIENTS * CLIENTS
    print("| way | CPU ms a program | programs a second |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        port_file = folder / "port"
        server = subprocess.Popen([CACO, "sandbox", "serve", "--port", "0", "--port-file", port_file, "--workers", "2"],
                                  stdout=subprocess.DEVNULL)
        try:
            while not port_file.exists():
                assert server.poll() is None, "the server does not start"
                time.sleep(0.05)
            port = int(port_file.read_text())
            fusion = json.dumps({"code": TRIVIAL, "language": "python", "stdin": None, "files": {}, "fetch_files": []})
            judge = json.dumps({"code": STDIN, "language": "python", "stdin": "1 2 3\n"})
            for warm_up in (lambda: one_by_one(port, "/run_code", fusion, 40, True), lambda: batch(port, rows_of(40))):
                warm_up()
            ways = [
                ("`/run_code`, connection kept", lambda: one_by_one(port, "/run_code", fusion, count, True)),
                ("`/run_code`, connection a request", lambda: one_by_one(port, "/run_code", fusion, count, False)),
                ("`/run_code` with standard input", lambda: one_by_one(port, "/run_code", judge, count, True)),
                ("`/run_batch`", lambda: batch(port, rows_of(count))),
                ("`/run_batch` with a scratch folder", lambda: batch(port, rows_of(count, scratch=True))),
            ]
            for way, work in ways:
                measure(way, server.pid, work, count)
        finally:
            server.terminate()
            server.wait()
        base_cpu, base_wall = exec_seconds(folder, 2)
        cpu, wall = exec_seconds(folder, count)
        print(f"| `caco exec`, start taken off | {1000 * (cpu - base_cpu) / count:.2f} | {count / (wall - base_wall):.0f} |")


main()
