#!/usr/bin/env python3
"""Holds docs/THREAT-MODEL.md to its word: every test that it names exists.

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


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    defined = set()
    for path in (root / "tests").rglob("*.cpp"):
        defined.update(DEFINED.findall(path.read_text(errors="replace")))
    suites = {suite for suite, _ in defined}
    findings, named = [], 0
    for number, line in enumerate((root / "docs/THREAT-MODEL.md").read_text().splitlines(), 1):
        for suite, test in NAMED.findall(line):
            if test in SUFFIXES:
                continue
            named += 1
            if (suite, test) not in defined:
                findings.append(f"docs/THREAT-MODEL.md:{number}: there is no test {suite}.{test}")
        for suite in SUITE.findall(line):
            if suite not in WORDS and suite not in suites and suite + "Test" not in suites:
                findings.append(f"docs/THREAT-MODEL.md:{number}: there are no {suite} tests")
    if named == 0:
        findings.append("docs/THREAT-MODEL.md: names no test")
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


sys.exit(main())
