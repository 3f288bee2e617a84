# expect: cpu_time_limit
import importlib, pkgutil, sympy
for module in pkgutil.walk_packages(sympy.__path__, "sympy.", onerror=lambda name: None):
    try:
        importlib.import_module(module.name)
    except (Exception, SystemExit):
        pass
while True:
    pass
