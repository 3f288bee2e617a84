# expect: ok 1
import sys

def forever(*arguments, **more):
    while True:
        pass

class Finder:
    find_spec = find_module = staticmethod(forever)

async def steps():
    yield 1

generator = steps()
try:
    generator.__anext__().send(None)
except StopIteration:
    pass
sys.meta_path.insert(0, Finder)
sys.path_hooks.insert(0, forever)
sys.path_importer_cache.clear()
sys.set_asyncgen_hooks(forever, forever)
sys.set_coroutine_origin_tracking_depth(1000)
sys.unraisablehook = sys.displayhook = sys.breakpointhook = forever
output = 1
