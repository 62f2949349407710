#!/usr/bin/env python3
"""Checks a page of seedsweep report against what it must be: well-formed XML, one style and one script with the digests that its
content security policy names, no way out of the file, figures with a text alternative, and the numbers of summary.csv in them.

usage: scripts/check/page.py PAGE.html [FOLDER]

FOLDER is the folder of results that the page is about; without it numbers are not compared. Prints what it found, or what is wrong
and exits with 1. Needs nothing but Python.
"""

import base64
import csv
import hashlib
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {HTML + name for name in (
    "html head meta title style body main h1 h2 h3 p strong nav ul li a div figure figcaption span table thead tbody tr th td dl dt dd "
    "code script").split()} | {SVG + name for name in "svg title desc path rect text".split()}


def problems(page, folder):
    text = page.read_text(encoding="utf-8")
    if not text.startswith("<!DOCTYPE html>\n"):
        yield "the document type is not HTML's"
    root = tree.fromstring(text)
    identifiers = [element.get("id") for element in root.iter() if element.get("id")]
    if len(identifiers) != len(set(identifiers)):
        yield "an id stands twice"
    for element in root.iter():
        if element.tag not in ELEMENTS:
            yield f"an element {element.tag}"
        for name, value in element.attrib.items():
            if name.startswith("on") or name in ("src", "style", "action", "srcset"):
                yield f"an attribute {name} of {element.tag}"
            if name == "href" and not re.match(r"(#[a-z]+|(\./|(\.\./)+)[A-Za-z0-9%._~/-]+)$", value):
                yield f"a link to {value}"
            if name == "href" and value.startswith("#") and value[1:] not in identifiers:
                yield f"a link to {value}, which is nowhere"
            if name == "aria-labelledby" and not set(value.split()) <= set(identifiers):
                yield f"a label {value} that is nowhere"
    yield from policy_problems(root)
    yield from figure_problems(root)
    if folder:
        yield from number_problems(root, folder)


def policy_problems(root):
    policies = [meta.get("content") for meta in root.iter(HTML + "meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    if len(policies) != 1 or not policies[0].startswith("default-src 'none'; "):
        yield f"content security policies: {policies}"
        return
    for kind in ("style", "script"):
        found = list(root.iter(HTML + kind))
        digests = [base64.b64encode(hashlib.sha256("".join(e.itertext()).encode()).digest()).decode() for e in found]
        if [f"{kind}-src 'sha256-{digest}'" for digest in digests] != [p for p in policies[0].split("; ") if p.startswith(kind)]:
            yield f"the policy does not name the digest of the one {kind}"


def figure_problems(root):
    figures = list(root.iter(SVG + "svg"))
    if not figures:
        yield "no figure"
    for figure in figures:
        title, words = figure.find(SVG + "title"), figure.find(SVG + "desc")
        if figure.get("role") != "img" or title is None or not title.text:
            yield "a figure without a title"
        elif words is None or not re.search(r"[0-9]", words.text or ""):
            yield f"the figure '{title.text}' has no text alternative with numbers"
        for element in figure.iter():
            if any(re.search("nan|inf", value) for name, value in element.attrib.items() if name in ("d", "x", "y", "width", "height")):
                yield f"the figure '{title.text if title is not None else ''}' is drawn with what is no number"


def number_problems(root, folder):
    """Every recipe of summary.csv stands in the table with its numbers, and in the figures' descriptions."""
    with open(folder / "summary.csv", newline="", encoding="utf-8") as file:
        summary = [row for row in csv.DictReader(file) if int(row["n"])]
    descriptions = " ".join(e.text or "" for e in root.iter(SVG + "desc"))
    cells = [["".join(cell.itertext()) for cell in row] for row in root.iter(HTML + "tr")]

    def number(text, digits=3):
        return "–" if text in ("", "nan") else f"{float(text):.{digits}f}"
    for row in summary:
        rate = f"{row['n_failed']} of {row['n']} runs failed, rate {number(row['failure_rate'])}, 95 % interval " \
            f"{number(row['failure_low'])} to {number(row['failure_high'])}."
        if number(row["failure_rate"]) == "–":  # while runs wait for the rule that stops them
            rate = f"{row['n_failed']} of {row['n']} runs failed; there is no rate before"
        spread = f"scores from {number(row['min'])} to {number(row['max'])}, median {number(row['median'])}, mean " \
            f"{number(row['mean'])}, sd {number(row['sd'])}; {row['n_failed']} failed."
        if len(summary) <= 60:
            for sentence in (rate, spread):
                if sentence not in descriptions:
                    yield f"no figure says: {sentence}"
        interval = [number(row[name], 2) for name in ("failure_low", "failure_high")]
        wanted = [row["n_failed"], number(row["failure_rate"], 2), "–" if "–" in interval else "–".join(interval)]
        wanted += [number(row[name]) for name in ("mean", "sd", "median", "min", "max", "mean_successful", "sd_successful")]
        if not any(found[index:index + len(wanted)] == wanted for found in cells for index in range(len(found))):
            yield f"no table has the row {wanted}"


def main():
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    page = pathlib.Path(sys.argv[1])
    try:
        found = list(problems(page, pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None))
    except tree.ParseError as error:
        found = [f"no well-formed XML: {error}"]
    except OSError as error:
        sys.exit(f"page.py: {error.filename}: {error.strerror}; PAGE.html is what `seedsweep report` wrote, FOLDER its run folder")
    except UnicodeDecodeError as error:
        found = [f"no UTF-8: {error}"]
    for problem in found:
        print(f"page.py: {page}: {problem}")
    if found:
        sys.exit(1)
    print(f"{page}: {page.stat().st_size} bytes, in order")


if __name__ == "__main__":
    main()
