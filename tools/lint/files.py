#!/usr/bin/env python3
"""Length of files, notes to self, and the model pins of the eye against models/manifest.

usage: files.py [ROOT]    exit 1 and one line per finding when something is wrong
"""
import pathlib
import re
import sys

LONGEST = 400
# file -> why it may be longer. One that has become short enough is a finding too.
LONG = {}

NOTE = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
SOURCES = {".h", ".hpp", ".c", ".cpp", ".py", ".sh", ".cmake", ".md"}
SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    findings, still_long = [], set()
    tops = ("include", "faced", "pam_module", "enroll-tool", "tests", "tools", "cmake", "models", "docs")
    for path in sorted(p for top in tops for p in (root / top).rglob("*") if p.suffix in SOURCES):
        name = path.relative_to(root).as_posix()
        lines = path.read_text().splitlines()
        if len(lines) > LONGEST and path.suffix != ".md":
            still_long.add(name)
            if name not in LONG:
                findings.append(f"{name}: {len(lines)} lines; more than {LONGEST} needs a reason in tools/lint/files.py")
        findings += [f"{name}:{n}: note to self: {line.strip()}" for n, line in enumerate(lines, 1) if NOTE.search(line)]
    for name in sorted(set(LONG) - still_long):
        findings.append(f"tools/lint/files.py: {name} is short enough now; drop its line")

    pins = root / "faced/vision/model_pins.h"
    encoder = root / "models/fr_feature.toml"
    manifest = {}
    for line in (root / "models/manifest").read_text().splitlines():
        fields = line.split()
        if fields[:1] == ["file"] and fields[1].startswith("models/"):
            manifest[fields[2]] = fields[1].removeprefix("models/")
    pinned = {sha for file in (pins, encoder) if file.is_file() for sha in SHA256.findall(file.read_text())}
    for sha, name in manifest.items():
        if sha not in pinned:
            findings.append(f"{pins.relative_to(root)} or {encoder.relative_to(root)}: lacks the hash that models/manifest gives {name}: {sha}")
    for sha in sorted(pinned - set(manifest)):
        findings.append(f"models/manifest: lacks the hash {sha} of {pins.relative_to(root)} or {encoder.relative_to(root)}")
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
