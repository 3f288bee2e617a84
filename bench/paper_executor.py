"""Runs programs, in turn, in the process pattern of the paper's checker: for each program a manager process, a worker
process that executes it with its output captured, and a shared dict for the result. Prints programs a second and CPU
milliseconds a program. With --bare, a plain exec in this process instead: the floor without any isolation.

usage: paper_executor.py COUNT WORKERS --isolated|--bare PROGRAM_FILE...
"""
import contextlib
import io
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def execute(program, result):
    """Runs `program` and stores its `input` and `output`."""
    stdout = io.StringIO()
    scope = {}
    try:
        with contextlib.redirect_stdout(stdout):
            exec(program, scope)
        result["input"] = scope.get("input")
        result["output"] = scope.get("output", stdout.getvalue())
    except Exception as error:
        result["error"] = str(error)
    except SystemExit:
        pass


def run_isolated(program):
    with multiprocessing.Manager() as manager:
        result = manager.dict()
        process = multiprocessing.Process(target=execute, args=(program, result))
        process.start()
        process.join(timeout=5)
        if process.is_alive():
            process.terminate()
            process.join()
        return dict(result)


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
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(run_isolated, work):
                pass
    wall, cpu = time.monotonic() - wall, cpu_seconds() - cpu
    print(f"{count / wall:.1f} {1000 * cpu / count:.3f}")


if __name__ == "__main__":
    main()
