# expect: ok 1
import logging, sys, warnings
warnings.simplefilter("always")
for number in range(300):
    warnings.warn("x" * 1000)
    logging.error("y" * 1000)
output = 1
