"""Runs programs, in turn, in the process pattern of the paper's checker: a pool of processes, and in each of them, for each
program, a manager process, a worker process that parses the program and executes it with its output captured, and a
shared dict for the result. What a program imports, its worker process imports, each time anew: no process that is
forked has it. Prints programs a second and CPU milliseconds a program. With --bare, a plain exec in this process
instead: the floor without any isolation.

usage: paper_executor.py COUNT WORKERS --isolated|--bare PROGRAM_FILE...
"""
import ast
import contextlib
import io
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor

TIMEOUT_S = 5


def execute(program, result):
    """Runs `program` and stores its `input` and `output`."""
    stdout = io.StringIO()
    scope = {}
    try:
        names = {node.id for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Name)}
        with contextlib.redirect_stdout(stdout):
            exec(program, scope)
        unused = [key for key in scope.get("input") or () if key not in names]
        result["input"] = scope.get("input")
        result["output"] = scope.get("output", stdout.getvalue().strip())
        result["error"] = ", ".join(unused) or None
    except Exception as error:
        result["error"] = str(error)
    except SystemExit:
        pass


def run_isolated(program):
    """One program, as a process of the pool does it; returns whether it gave an output."""
    manager = multiprocessing.Manager()
    result = manager.dict()
    process = multiprocessing.Process(target=execute, args=(program, result))
    process.start()
    process.join(timeout=TIMEOUT_S)
    if process.is_alive():
        process.terminate()
        process.join()
        return False
    return (result.get("input"), result.get("output"), result.get("error"))[1] is not None


def run_bare(program):
    result = {}
    execute(program, result)
    return result


def cpu_seconds():
    return sum(usage.ru_utime + usage.ru_stime
               for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def main():
    count, workers, is_bare = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "--bare"
    programs = []
    for path in sys.argv[4:]:
        with open(path, encoding="utf-8") as file:
            programs.append(file.read())
    work = [programs[index % len(programs)] for index in range(count)]
    wall, cpu = time.monotonic(), cpu_seconds()
    if is_bare:
        for program in work:
            run_bare(program)
    else:
        multiprocessing.set_start_method("fork")
        with ProcessPoolExecutor(workers) as pool:
            if not any(list(pool.map(run_isolated, work))):
                sys.exit("no program gave an output")
    wall, cpu = time.monotonic() - wall, cpu_seconds() - cpu
    print(f"{count / wall:.1f} {1000 * cpu / count:.3f}")


if __name__ == "__main__":
    main()
