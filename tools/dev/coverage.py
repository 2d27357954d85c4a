#!/usr/bin/env python3
"""Adds up gcov's counts: lines run of lines there are, by part.

usage: coverage.py BUILD-DIRECTORY    writes BUILD-DIRECTORY/uncovered
"""
import collections
import json
import pathlib
import subprocess
import sys

# Part -> what its paths begin with.
PARTS = {
    "keeper": ("faced/util/", "faced/config/", "faced/crypto/", "faced/store/", "faced/auth/", "faced/vision_link/",
               "faced/server/", "faced/main.cpp"),
    "PAM module": ("pam_module/",),
    "protocol": ("include/faceauth/", "faced/vision_link/eye_protocol.h"),
    "enroll-tool": ("enroll-tool/",),
}


def counts_of(build, root):
    """{path: {line: times run}}, the most that any program ran it."""
    lines = collections.defaultdict(dict)
    for data in build.rglob("*.gcda"):
        told = subprocess.run(["gcov", "--json-format", "--stdout", str(data)], cwd=data.parent, capture_output=True,
                              check=False).stdout
        for text in told.splitlines():
            report = json.loads(text)
            for file in report["files"]:
                path = pathlib.Path(report.get("current_working_directory", "."), file["file"]).resolve()
                if not path.is_relative_to(root):
                    continue
                seen = lines[str(path.relative_to(root))]
                for line in file["lines"]:
                    number = line["line_number"]
                    seen[number] = max(seen.get(number, 0), line["count"])
    return lines


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    lines = counts_of(build, build.parent)
    if not lines:
        sys.exit("no counts: did the tests run?")
    uncovered = []
    for part, fronts in PARTS.items():
        files = {path: seen for path, seen in lines.items() if path.startswith(fronts)}
        total = sum(len(seen) for seen in files.values())
        run = sum(sum(1 for count in seen.values() if count > 0) for seen in files.values())
        share = f"{100 * run / total:.1f} %" if total else "nothing counted"
        print(f"{part}: {run} of {total} lines, {share}")
        for path in sorted(files):
            missed = sorted(number for number, count in files[path].items() if count == 0)
            if missed:
                uncovered.append(f"{path}: {' '.join(map(str, missed))}")
    (build / "uncovered").write_text("\n".join(uncovered) + "\n")


main()
