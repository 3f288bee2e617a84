# expect: ok 3
# Coroutines themselves need no loop; those left unfinished are no business of the next program.
import types

@types.coroutine
def step():
    yield 1

async def add(a, b):
    await step()
    return a + b

def run(coroutine):
    try:
        while True:
            coroutine.send(None)
    except StopIteration as end:
        return end.value

left = add(5, 6)
left.send(None)
output = run(add(1, 2))
