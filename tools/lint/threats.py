#!/usr/bin/env python3
"""Holds the threat model and the list of what users ask for to their word: every test that they name exists, and the
list's sum is that of its rows.

usage: threats.py [ROOT]    exit 1 and one line per finding when something is wrong
"""
import pathlib
import re
import sys

DEFINED = re.compile(r"\b(?:TEST|TEST_F|TEST_P|RC_GTEST_PROP)\(\s*(\w+)\s*,\s*(\w+)\s*[,)]")
NAMED = re.compile(r"\b([A-Z]\w+)\.([A-Za-z]\w+)\b(?!\.\w)")
SUITE = re.compile(r"\bthe (\w+) tests\b")
SUFFIXES = {"md", "mdb", "cpp", "h", "toml", "service"}
WORDS = {"fuzz", "unit_store"}  # "the X tests" that are no suite

ROW = re.compile(r"^\| \d+ \|[^|]*\|[^|]*\| (Done|In part|Later|No|Not tried)\b[^|]*\|", re.M)
SUM = re.compile(r"^Of (\d+): (\d+) done, (\d+) in part, (\d+) not\.$", re.M)

PAGES = ("docs/THREAT-MODEL.md", "docs/USERS-ASK.md")


def sum_findings(text):
    """Of a page with rows that say "Done", "In part" or one of the ways of saying no."""
    rows = len(re.findall(r"^\| \d+ \|", text, re.M))
    states = ROW.findall(text)
    if rows != len(states):
        yield f"{rows - len(states)} rows say neither Done, In part, Later, No nor Not tried"
    done, part = states.count("Done"), states.count("In part")
    counted = (rows, done, part, len(states) - done - part)
    said = SUM.search(text)
    if rows > 0 and (said is None or tuple(int(n) for n in said.groups()) != counted):
        yield "the rows give: Of {}: {} done, {} in part, {} not.".format(*counted)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    defined = set()
    for path in (root / "tests").rglob("*.cpp"):
        defined.update(DEFINED.findall(path.read_text(errors="replace")))
    suites = {suite for suite, _ in defined}
    findings, named = [], 0
    for page in PAGES:
        for number, line in enumerate((root / page).read_text().splitlines(), 1):
            for suite, test in NAMED.findall(line):
                if test in SUFFIXES:
                    continue
                named += 1
                if (suite, test) not in defined:
                    findings.append(f"{page}:{number}: there is no test {suite}.{test}")
            for suite in SUITE.findall(line):
                if suite not in WORDS and suite not in suites and suite + "Test" not in suites:
                    findings.append(f"{page}:{number}: there are no {suite} tests")
    findings += [f"{PAGES[1]}: {finding}" for finding in sum_findings((root / PAGES[1]).read_text())]
    if named == 0:
        findings.append("the threat model names no test")
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


sys.exit(main())
