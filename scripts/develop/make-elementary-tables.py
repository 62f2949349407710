#!/usr/bin/env python3
"""Writes Sources/Base/C/CElementary/tables.h: the constants of our double exp, log, sine and cosine, by mpmath.

usage: python3 scripts/develop/make-elementary-tables.py OUTPUT.h

Every number is rounded once from 400 bits. The script also checks what doubles.c relies on: the reduced arguments of the
logarithm need no rounding.
"""
import sys

if len(sys.argv) != 2:
    sys.exit(__doc__)
try:
    from mpmath import log, mp, mpf, nint, pi, sin
except ModuleNotFoundError as error:
    sys.exit(f"make-elementary-tables.py: {error}; install it with `python3 -m pip install mpmath`")

mp.prec = 400

LOG_START = 0x3FE60000  # the upper half of 0.6875, where the logarithm's 256 intervals begin


def split(value, count=2):
    """The sum of `count` doubles that is nearest to a number, the largest first."""
    parts = []
    for _ in range(count):
        parts.append(float(value))
        value -= mpf(parts[-1])
    return parts


def on_grid(value, bits):
    """The multiple of 2^-bits next to a number, and the double next to the rest."""
    high = nint(value * mpf(2) ** bits) / mpf(2) ** bits
    return [float(high), float(value - high)]


def row(numbers):
    return "{" + ", ".join(number.hex() for number in numbers) + "},"


def exponential():
    """2^(i / 128), and the relative rest."""
    for index in range(128):
        power = mpf(2) ** (mpf(index) / 128)
        yield row([float(power), float((power - float(power)) / power)])


def interval(index):
    """The ends of an interval of the logarithm: neighbours in the upper 20 bits of a double's image."""
    ends = []
    for step in (index, index + 1):
        bits = (LOG_START << 32) + (step << 44)
        exponent, mantissa = (bits >> 52) - 1023, bits & ((1 << 52) - 1)
        ends.append((1 + mpf(mantissa) / mpf(2) ** 52) * mpf(2) ** exponent)
    return ends


def logarithm():
    """A reciprocal of few bits near the middle of an interval, and minus its logarithm in two parts."""
    for index in range(256):
        low, high = interval(index)
        # As many bits as leave z * reciprocal - 1 a double: its last place is 2^-53 below one, 2^-52 above.
        bits = 8 if low < 1 else 9
        reciprocal = nint(mpf(2) ** bits / ((low + high) / 2)) / mpf(2) ** bits
        if low == 1:
            reciprocal = mpf(1)  # near one the logarithm is the rest alone
        assert max(abs(low * reciprocal - 1), abs(high * reciprocal - 1)) <= mpf(2) ** -8
        yield row([float(reciprocal)] + on_grid(-log(reciprocal), 41))


def sines():
    """sin(pi i / 32) in two parts; the cosine is 16 entries on."""
    for index in range(80):
        value = mpf(0) if index % 32 == 0 else sin(pi * index / 32)
        yield row(split(value))


def table(comment, name, width, rows):
    rows = list(rows)
    across = 4 // width  # rows of the table in a line
    lines = ["    " + " ".join(rows[start : start + across]) for start in range(0, len(rows), across)]
    return [f"// {comment}", f"static const double {name}[{len(rows)}][{width}] = {{", *lines, "};", ""]


def constant(name, values):
    return [f"static const double {name}[{len(values)}] = {{{', '.join(value.hex() for value in values)}}};"]


def main():
    step = pi / 32
    lines = ["// Written by scripts/develop/make-elementary-tables.py.", "#pragma once", ""]
    lines += ["// ln 2 / 128 in two parts; ln 2 in two, whose first times an exponent is exact; pi / 32 in three."]
    lines += constant("ln2_128", split(log(2) / 128))
    lines += constant("ln2", on_grid(log(2), 41))
    lines += constant("pi_32", split(step, 3))
    lines += constant("inverse_steps", [float(128 / log(2)), float(32 / pi)]) + [""]
    lines += table("2^(i / 128), and the relative rest.", "powers", 2, exponential())
    lines += table("A reciprocal of few bits, and minus its logarithm in two parts.", "logarithms", 3, logarithm())
    lines += table("sin(pi i / 32) in two parts; the cosine is 16 entries on.", "sines", 2, sines())
    try:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write("\n".join(lines).rstrip("\n") + "\n")
    except OSError as error:
        sys.exit(f"make-elementary-tables.py: {sys.argv[1]} cannot be written ({error.strerror}); name another file")


if __name__ == "__main__":
    main()
