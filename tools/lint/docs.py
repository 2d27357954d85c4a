#!/usr/bin/env python3
"""Holds manual pages and completions against the code: every configuration key with its default, every option, verb,
exit code and PAM code is told, and nothing is told that is not there. No page has a place left to be filled in.

usage: docs.py [ROOT]    exit 1 and one line per finding when something is wrong
"""
import pathlib
import re
import sys

COMPLETIONS = {"bash": "completions/enroll-tool.bash", "zsh": "completions/_enroll-tool",
               "fish": "completions/enroll-tool.fish"}


def config_keys(source):
    """{"table.key"} that the parser asks for."""
    tables = dict(re.findall(r'Section (\w+) = Section::in\(reading_, root_, "(\w+)"\)', source))
    tables["section"] = "service.default"
    asked = re.findall(r'\b(\w+)\.(?:text|boolean|integer|number|choice)\("(\w+)"', source)
    return {f"{tables[section]}.{key}" for section, key in asked if section in tables}


def example_values(text):
    """{"table.key": value as written} of a TOML file without arrays."""
    table, values = "", {}
    for line in text.splitlines():
        if head := re.match(r"\[([\w.]+)\]", line):
            table = head[1]
        elif pair := re.match(r'(\w+)\s*=\s*("[^"]*"|[^\s#]+)', line):
            values[f"{table}.{pair[1]}"] = pair[2]
    return values


def manual_values(page):
    """{"table.key": default} as faced.toml.5 gives them."""
    values = {}
    for section in re.split(r"^\.Ss ", page, flags=re.M)[1:]:
        head = re.match(r"\[([\w.]+)\]", section)
        if head is None:
            continue
        for item in re.split(r"^\.It Sy ", section, flags=re.M)[1:]:
            default = re.search(r"^Default:(?:\n\.Qq (?P<text>\S+)| (?P<bare>[\w.]+?)\.?$)", item, re.M)
            text = default and default["text"]
            # mdoc writes an empty text as \&, a character of no width.
            value = None if default is None else '"' + text.replace("\\&", "") + '"' if text else default["bare"]
            values[f"{head[1]}.{item.split()[0]}"] = value
    return values


class Check:
    def __init__(self, root):
        self.root = root
        self.findings = []

    def read(self, name):
        return (self.root / name).read_text()

    def expect(self, good, finding):
        if not good:
            self.findings.append(finding)

    def configuration(self):
        page = "man/faced.toml.5"
        known = config_keys(self.read("faced/config/config_parser.cpp"))
        told, shipped = manual_values(self.read(page)), example_values(self.read("etc/faced.toml"))
        self.expect(len(known) > 15, "tools/lint/docs.py: found hardly any key in faced/config/config_parser.cpp")
        for key in sorted(known - set(told)):
            self.expect(False, f"{page}: does not tell of {key}")
        for key in sorted(set(told) - known):
            self.expect(False, f"{page}: tells of {key}, which is no key")
        for key in sorted(known & set(told)):
            self.expect(told[key] == shipped.get(key),
                        f"{page}: {key} has the default {told[key]}, and {shipped.get(key)} in etc/faced.toml")

    def enroll_tool(self):
        page, main = self.read("man/enroll-tool.1"), self.read("enroll-tool/main.cpp")
        verbs = set(re.findall(r'add_(?:login_)?verb\(\*?\w+, line, "([\w-]+)"', main))
        verbs |= set(re.findall(r'add_subcommand\("([\w-]+)"', main))
        options = set(re.findall(r'(?:add_option|add_flag|set_version_flag)\("--([\w-]+)"', main)) | {"help"}
        self.expect(len(verbs) > 10 and len(options) > 8, "tools/lint/docs.py: cannot read enroll-tool/main.cpp")
        for verb in sorted(verbs):
            self.expect(re.search(rf"^\.It Cm (?:login )?{verb}\b", page, re.M), f"man/enroll-tool.1: does not tell of {verb}")
        for option in sorted(options):
            self.expect(re.search(rf"^\.(?:It|Op|Cm) .*Fl -{option}\b", page, re.M),
                        f"man/enroll-tool.1: does not tell of --{option}")
        for shell, name in COMPLETIONS.items():
            text = self.read(name)
            for verb in sorted(verbs):
                self.expect(re.search(rf"(?<![\w-]){verb}(?![\w-])", text), f"{name}: lacks the verb {verb}")
            for option in sorted(options):
                word = rf"-l {option}" if shell == "fish" else rf"--{option}"
                self.expect(re.search(rf"{word}(?![\w-])", text), f"{name}: lacks the option --{option}")
        codes = re.findall(r"^  \w+ = (\d+),", self.read("enroll-tool/exit_codes.h"), re.M)
        for code in codes:
            self.expect(re.search(rf"^\.It {code}$", page, re.M), f"man/enroll-tool.1: does not tell of exit status {code}")

    def module(self):
        page, code = self.read("man/pam_faceauth.8"), self.read("pam_module/pam_faceauth.cpp")
        options = self.read("pam_module/options.cpp")
        for option in sorted(set(re.findall(r'(?:value|flag)\("(\w+)=?"', options))):
            self.expect(re.search(rf"^\.It Cm (?:\w+ \| )?{option}\b", page, re.M), f"man/pam_faceauth.8: does not tell of {option}")
        returned = set(re.findall(r"PAM_(?:SUCCESS|MAXTRIES|TRY_AGAIN|PERM_DENIED|\w+_(?:ERR|UNAVAIL|UNKNOWN))\b", code))
        for name in sorted(returned):
            self.expect(re.search(rf"^\.It Dv {name}$", page, re.M), f"man/pam_faceauth.8: does not tell of {name}")

    def daemon(self):
        page, main, shell = self.read("man/faced.8"), self.read("faced/main.cpp"), self.read("completions/faced.bash")
        for option in sorted(set(re.findall(r'argument == "--([\w-]+)"', main))):
            self.expect(f".It Fl -{option}" in page, f"man/faced.8: does not tell of --{option}")
            self.expect(f"--{option}" in shell, f"completions/faced.bash: lacks --{option}")

    def placeholders(self):
        pages = ["README.md", "NEWS"] + [p.relative_to(self.root).as_posix() for top, kind in (("docs", "*.md"), ("man", "*.[1-8]"))
                                         for p in sorted((self.root / top).rglob(kind))]
        for name in pages:
            for number, line in enumerate(self.read(name).splitlines(), 1):
                self.expect("@@" not in line, f"{name}:{number}: a place to be filled in: {line.strip()}")


def main():
    check = Check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    check.configuration()
    check.enroll_tool()
    check.module()
    check.daemon()
    check.placeholders()
    print("\n".join(check.findings), end="\n" if check.findings else "")
    return 1 if check.findings else 0


if __name__ == "__main__":
    sys.exit(main())
