#!/usr/bin/env python3
"""Puts the figures of faceauth-eval into the tables of docs/ACCURACY.md.

usage: accuracy_tables.py RESULTS FILE    each table stands between "<!-- table NAME -->" and "<!-- end -->"; a table
whose results are missing keeps what it has
"""
import json
import pathlib
import re
import sys


def percent(rate):
    if rate is None:
        return "not measured"
    value = 100 * rate
    return "0" if value == 0 else f"{value:.2g}" if value < 0.1 else f"{value:.2f}"


def rate(cell, name):
    """A rate with its interval and counts, in percent."""
    if cell[name] is None:
        return "not measured"
    low, high = cell[f"{name}_ci"]
    return f"{percent(cell[name])} [{percent(low)}, {percent(high)}] ({cell[name + '_errors']}/{cell[name + '_trials']})"


def attempts(results, rows):
    lines = ["| people, templates | level | FAR %, 95 % interval | FRR %, 95 % interval | by person: FAR, FRR |",
             "| --- | --- | --- | --- | --- |"]
    for title, name in rows:
        for level, cell in results[name]["levels"].items():
            lines.append(f"| {title} | {level} | {rate(cell, 'far')} | {rate(cell, 'frr')} | "
                         f"{percent(cell['far_by_person'])}, {percent(cell['frr_by_person'])} |")
    return lines


def gallery(results, rows):
    lines = ["| set | recogniser | EER % | FNMR % at FMR 1e-2 | 1e-3 | 1e-4 | 1e-5 |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for title, name in rows:
        for recogniser, cell in results[name]["recognisers"].items():
            points = []
            for target in ("1e-2", "1e-3", "1e-4", "1e-5"):
                at = cell["fnmr_at"][target]
                points.append("not measured" if at["fnmr"] is None else
                              f"{percent(at['fnmr'])} [{percent(at['ci'][0])}, {percent(at['ci'][1])}], "
                              f"threshold {at['threshold']:.3f}")
            lines.append(f"| {title} | {recogniser} | {percent(cell['eer'])} | " + " | ".join(points) + " |")
    return lines


def pairs(results, rows):
    lines = ["| pairs | folds | feature, accuracy | dlib, accuracy | not encoded |", "| --- | --- | --- | --- | --- |"]
    for title, name in rows:
        cells = [f"{percent(r['accuracy'])} % ± {percent(r['accuracy_se'])}" if r else "too few"
                 for r in (results[name]["recognisers"][key] for key in ("feature", "dlib"))]
        feature = results[name]["recognisers"]["feature"]
        folds = "none" if not feature else f"{feature['folds']}, " + ("the list's" if feature["folds_of_list"] else "cut")
        lines.append(f"| {title} ({results[name]['pairs']}) | {folds} | {cells[0]} | {cells[1]} | "
                     f"{percent(results[name]['fta'])} % |")
    return lines


def degraded(results, rows):
    lines = ["| frames | LFW: FRR % balanced | LFW: not encoded % | NUAA: FRR % balanced | NUAA: not encoded % |",
             "| --- | --- | --- | --- | --- |"]
    for title, name in rows:
        cells = []
        for group in ("lfw", "nuaa"):
            one = results.get(f"degraded-{group}-{name}")
            cells += [rate(one["levels"]["balanced"], "frr"), percent(one["fta"])] if one else ["not measured"] * 2
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def liveness(results, rows):
    lines = ["| set | attacks accepted (APCER %) | live people refused (BPCER %) | active: attacks accepted % | not encoded % |",
             "| --- | --- | --- | --- | --- |"]
    for title, name in rows:
        one = results[name]
        lines.append(f"| {title} | {rate(one, 'apcer')} | {rate(one, 'bpcer')} | "
                     f"{rate(one, 'active_apcer')} | {percent(one['fta'])} |")
    return lines


def enrolment(results, rows):
    lines = ["| pictures | could be registered | refused, by reason |", "| --- | --- | --- |"]
    for title, name in rows:
        one = results[name]
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(one["refused"].items()))
        lines.append(f"| {title} ({one['images']}) | {one['enrolled']} | {reasons} |")
    return lines


def attention(results, rows):
    lines = ["| labelled by eye | " + " | ".join(f"{title}: of usable frames, counted as attention" for title, _ in rows) + " |",
             "| --- |" + " --- |" * len(rows)]
    for title, label in (("eyes open, towards the camera", "open"), ("eyes shut", "shut"), ("half shut, cast down", "half"),
                         ("dark glasses, nothing to be seen", "hidden"), ("head turned aside", "away")):
        cells = []
        for _, name in rows:
            one = results[name]["labels"].get(label, {"frames": 0, "unusable": 0, "turned_away": 0, "eyes_shut": 0})
            usable = one["frames"] - one["unusable"]
            cells.append(f"{usable - one['turned_away'] - one['eyes_shut']} of {usable} "
                         f"({one['turned_away']} turned, {one['eyes_shut']} eyes shut)")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return lines


def attentive(results, rows):
    lines = ["| set | usable pictures | turned away | eyes shut | logins of five newly refused | people concerned |",
             "| --- | --- | --- | --- | --- | --- |"]
    for title, name in rows:
        one = results[name]
        p = one["pictures"]
        usable = p["frames"] - p["unusable"]
        lines.append(f"| {title} | {usable} | {p['turned_away']} ({percent(p['turned_away'] / usable)} %) | {p['eyes_shut']} "
                     f"({percent(p['eyes_shut'] / usable)} %) | {one['logins_refused']} of {one['logins']} | "
                     f"{one['people_refused']} of {one['people']} |")
    return lines


SETS = (("LFW", "lfw"), ("NUAA", "nuaa"))
TABLES = {
    "attempts-report": (attempts, [(f"{t}, {k}", f"attempts-{n}-{k}-report") for k in (5, 3, 1) for t, n in SETS]),
    "attempts-all": (attempts, [(f"{t}, {k}", f"attempts-{n}-{k}-all") for k in (5, 3, 1) for t, n in SETS]),
    "one-frame": (attempts, [(f"{t}, 5", f"attempts-{n}-5-one-frame") for t, n in SETS]),
    "gallery": (gallery, [("LFW", "gallery-lfw"), ("NUAA", "gallery-nuaa"), ("Face Research Lab London", "gallery-frl_london")]),
    "pairs": (pairs, [("LFW, official", "pairs-lfw_official"), ("London, neutral against smiling", "pairs-frl"),
                      ("NUAA", "pairs-nuaa")]),
    "degraded": (degraded, [("as they are", "none"), ("a quarter of the light, noise", "light-25"),
                            ("0.15 of the light, noise", "light-15"), ("blur, sigma 2", "blur-2"),
                            ("head tilted by 30 degrees", "roll-30"), ("grey", "grey"), ("face 60 pixels tall", "face-60")]),
    "liveness": (liveness, [("NUAA prints", "liveness-nuaa"), ("clips", "liveness-video"),
                            ("replay, tight crops", "liveness-replay_crops")]),
    "attention": (attention, [("fit half", "attention-labels-fit"), ("report half", "attention-labels-report")]),
    "attentive": (attentive, [("LFW", "attention-lfw"), ("NUAA", "attention-nuaa"),
                              ("Face Research Lab London", "attention-frl_london")]),
    "enrolment": (enrolment, [("without a face", "enrolment-noface"), ("several people", "enrolment-multi")]),
}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    results = {p.stem: json.loads(p.read_text()) for p in pathlib.Path(sys.argv[1]).glob("*.json")}
    path = pathlib.Path(sys.argv[2])
    text = path.read_text()
    for name, (make, rows) in TABLES.items():
        try:
            table = "\n".join(make(results, rows))
        except KeyError as missing:
            print(f"table {name} stays as it was: no results {missing}", file=sys.stderr)
            continue
        block = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.S)
        if not block.search(text):
            sys.exit(f"{path}: no place for the table {name}")
        text = block.sub(lambda match: match[1] + table + "\n" + match[2], text)
    path.write_text(text)


if __name__ == "__main__":
    main()
