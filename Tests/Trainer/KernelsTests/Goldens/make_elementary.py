"""Writes elementary.json: exp, log, sin and cos of doubles by mpmath with 400 bits.

    python make_elementary.py elementary.json

Each case is the argument, the double next to the value, and how far the value lies above it in units in the last place.
Arguments are random over each function's range, and those at which implementations go wrong: neighbours of one, of
multiples of pi / 2, of the ends of tables' intervals, of overflow and underflow, and subnormal numbers. mpmath 1.3.0 made
the committed file.
"""

import json
import math
import random
import sys

from mpmath import cos, exp, frexp, log, mp, mpf, pi, sin

mp.prec = 400
random.seed(20060494)


def neighbours(value, count=2):
    """The doubles around a number."""
    below = above = float(value)
    yield below
    for _ in range(count):
        below, above = math.nextafter(below, -math.inf), math.nextafter(above, math.inf)
        yield below
        yield above


def small(least):
    """A number of either sign, of random size."""
    return math.ldexp(random.uniform(-1, 1), -random.randrange(least))


def exponents():
    yield from (random.uniform(-708, 709.7) for _ in range(60))
    yield from (small(60) for _ in range(40))
    for step in range(0, 128, 9):
        yield from neighbours((step + mpf(1) / 2) * log(2) / 128)
    yield math.nextafter(709.782712893384, 0)
    yield from (-708.5, -720.25, -744.4, -745.1)


def logarithms():
    yield from (math.ldexp(random.uniform(1, 2), random.randrange(-1022, 1024)) for _ in range(50))
    yield from (1 + small(52) for _ in range(50))
    yield from (math.ldexp(random.random(), -53) * (index + 1) for index in range(20))
    yield from neighbours(1)
    for end in (0.6875, 1.375, 1 + 2**-8, 1 - 2**-9, 1.25, 0.8125):
        yield from neighbours(end)
    yield from (5e-324, 1e-310, 2.2250738585072014e-308, 1.7976931348623157e308)


def angles():
    yield from (random.uniform(0, 2 * math.pi) for _ in range(50))
    yield from (random.uniform(-(2**20), 2**20) for _ in range(20))
    yield from (small(40) for _ in range(20))
    for quarters in (1, 2, 3, 4, 5, 16, 1001, 355, 600_000, 667_543):
        yield from neighbours(quarters * pi / 2, 1)
    for step in range(0, 64, 7):
        yield from neighbours((step + mpf(1) / 2) * pi / 32, 1)


def case(function, argument):
    value = function(mpf(argument))
    nearest = float(value)
    unit = mpf(2) ** (max(frexp(value)[1], -1021) - 53)
    return [argument.hex(), nearest.hex(), float((value - mpf(nearest)) / unit)]


def main():
    angles_of_both = list(angles())
    tables = {
        "exp": (exp, exponents()),
        "log": (log, logarithms()),
        "sin": (sin, angles_of_both),
        "cos": (cos, angles_of_both),
    }
    goldens = {
        name: [case(function, argument) for argument in arguments if argument]
        for name, (function, arguments) in tables.items()
    }
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("{" + ",\n".join(f'"{name}": ' + json.dumps(cases) for name, cases in goldens.items()) + "}\n")


if __name__ == "__main__":
    main()
