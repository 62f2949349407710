#!/usr/bin/env python3
"""Compares the tests of two commits: no test may be dropped, and no test may lose assertions.

usage: scripts/check/tests/test-names.py OLD [NEW]     NEW is the present checkout if it is left out

A test that has another name or class now stands in scripts/check/tests/test-renames.txt, one line each:
  OldClass.testOld NewClass.testNew
A test whose assertions moved into helpers or other tests, so that its own count fell, stands there as
  fewer NewClass.testNew: the reason
Assertions are counted in a test's own text and in the functions of the same file that it calls, directly or not.
Exit code 1 if a test is missing or has lost assertions.
"""

import pathlib
import re
import subprocess
import sys

ASSERTION = re.compile(r"\b(XCTAssert\w*|XCTUnwrap|XCTFail|assert[A-Z]\w*|expect[A-Z]\w*|check[A-Z]\w*)\s*\(")
FUNCTION = re.compile(r"^( *)(?:@\w+ )*(?:package |private |fileprivate |static |final )*func (\w+)")
CLASS = re.compile(r"^(?:package |final |@\w+ )*class (\w+)\s*:\s*([\w, ]+)")
EXTENSION = re.compile(r"^(?:private )?extension (\w+)")


def files_of(revision):
    """The texts of all Swift files below Tests, by path."""
    if revision is None:
        return {str(p): p.read_text() for p in pathlib.Path("Tests").rglob("*.swift")}
    listing = subprocess.run(
        ["git", "ls-tree", "-r", "--name-only", revision, "Tests"], capture_output=True, text=True)
    if listing.returncode != 0:
        sys.exit(f"test-names.py: {revision} is no commit of this repository ({listing.stderr.strip()}); OLD and NEW are commits")
    names = listing.stdout.split("\n")
    return {
        name: subprocess.run(["git", "show", f"{revision}:{name}"], check=True, capture_output=True, text=True).stdout
        for name in names if name.endswith(".swift")
    }


def functions_of(text):
    """(class, name, body) of each function of a file; a function ends with the brace at its own indentation."""
    lines, owner, found, index = text.split("\n"), "", [], 0
    while index < len(lines):
        line = lines[index]
        if match := CLASS.match(line) or EXTENSION.match(line):
            owner = match[1]
        match = FUNCTION.match(line)
        index += 1
        if not match:
            continue
        body = [line]
        if not re.search(r"\}\s*$", line) or line.count("{") != line.count("}"):
            while index < len(lines):
                body.append(lines[index])
                index += 1
                if re.match(rf"{match[1]}\}}", body[-1]):
                    break
        found.append((owner, match[2], "\n".join(body)))
    return found


def tests_of(revision):
    """The number of assertions of each test, by `Class.test`."""
    counts = {}
    for text in files_of(revision).values():
        functions = functions_of(text)
        bodies = {}
        for _, name, body in functions:
            bodies.setdefault(name, []).append(body)

        def count(name, body, seen):
            total = len(ASSERTION.findall(body))
            for other in set(re.findall(r"\b(\w+)\s*[({]", body)) & bodies.keys() - seen - {name}:
                seen.add(other)
                total += sum(count(other, text, seen) for text in bodies[other])
            return total

        for owner, name, body in functions:
            if name.startswith("test"):
                counts[f"{owner}.{name}"] = count(name, body, set())
    return counts


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    old, new = tests_of(sys.argv[1]), tests_of(sys.argv[2] if len(sys.argv) == 3 else None)
    renames, fewer = {}, {}
    path = pathlib.Path(__file__).with_name("test-renames.txt")
    for line in path.read_text().split("\n") if path.exists() else []:
        if not line or line.startswith("#"):
            continue
        if line.startswith("fewer "):
            name, reason = line[6:].split(": ", 1)
            fewer[name] = reason
        else:
            before, after = line.split()
            renames[before] = after
    # A test that only moved to another class of the same method name needs no line if that name is unique.
    by_method = {}
    for name in new:
        by_method.setdefault(name.split(".")[1], []).append(name)
    missing, lost, moved, excused = [], [], 0, []
    for name, count in sorted(old.items()):
        target = renames.get(name, name)
        if target not in new:
            candidates = by_method.get(name.split(".")[1], [])
            if name in renames or len(candidates) != 1:
                missing.append(name)
                continue
            target = candidates[0]
        moved += target != name
        if new[target] < count:
            if target in fewer:
                excused.append(f"{target}: {count} -> {new[target]}: {fewer[target]}")
            else:
                lost.append(f"{target}: {count} -> {new[target]}")
    print(f"{len(old)} tests with {sum(old.values())} assertions before; {len(new)} with {sum(new.values())} now; {moved} moved")
    for title, rows in [("missing", missing), ("fewer assertions", lost), ("fewer, with a reason", excused)]:
        for row in rows:
            print(f"{title}: {row}")
    sys.exit(1 if missing or lost else 0)


main()
