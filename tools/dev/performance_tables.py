#!/usr/bin/env python3
"""Puts the figures of faceauth-bench into the tables of docs/PERFORMANCE.md and draws their chart.

usage: performance_tables.py RESULTS.json FILE CHART.svg FLAGS    each table stands between "<!-- table NAME -->" and
"<!-- end -->"; a table none of whose benchmarks ran keeps what it has
"""
import json
import pathlib
import platform
import re
import statistics
import subprocess
import sys

TO_US = {"ns": 1e-3, "us": 1, "ms": 1e3, "s": 1e6}
TABLES = {
    "frame": ("vision_frame", "stage", "detect", "liveness", "encode_feature"),
    "dlib": ("encode_dlib", "fma_floor"),
    "login": ("startup", "first_verdict", "auth_roundtrip", "idle", "memory"),
    "identify": ("identify",),
    "store": ("store",),
}
CHART = ("vision_frame", "stage", "detect", "liveness", "encode_feature", "encode_dlib", "fma_floor", "auth_roundtrip",
         "startup", "identify/", "identify_floor/1000000", "identify_index_floor/1000000", "store")


def clean(name):
    return "/".join(part for part in name.split("/") if part != "manual_time" and ":" not in part)


def collect(runs):
    """Microseconds and counters of each repetition, by benchmark."""
    found = {}
    for run in runs:
        if run["run_type"] != "iteration" or run.get("error_occurred"):
            continue
        one = found.setdefault(clean(run["run_name"]), {"us": [], "cpu": [], "counters": {}})
        one["us"].append(run["real_time"] * TO_US[run["time_unit"]])
        one["cpu"].append(run["cpu_time"] * TO_US[run["time_unit"]])
        for key, value in run.items():
            if key.endswith(("_mb", "_ms")) or key in ("compared", "wake_ups"):
                one["counters"].setdefault(key, []).append(value)
    return found


def time_text(us):
    if us >= 1e7:
        return f"{us / 1e6:.3g} s"
    return f"{us / 1e3:.3g} ms" if us >= 1000 else f"{us:.3g} µs"


def spread(values, text):
    return f"{text(statistics.median(values))} ({text(min(values))} to {text(max(values))})"


def rows_of(found, prefixes):
    for name, one in found.items():
        if not any(name == p or name.startswith(p + "_") or name.startswith(p.rstrip("/") + "/") for p in prefixes):
            continue
        counters = ", ".join(f"{key} {statistics.median(values):.4g}" for key, values in sorted(one["counters"].items()))
        wall_only = name.startswith(("startup", "first_verdict", "auth_roundtrip", "idle", "memory"))
        yield (f"| {name} | {spread(one['us'], time_text)} | "
               f"{'' if wall_only else time_text(statistics.median(one['cpu']))} | {len(one['us'])} | {counters} |")


def table(found, prefixes):
    rows = list(rows_of(found, prefixes))
    head = ["| benchmark | wall: median (smallest to largest) | CPU: median | runs | besides |", "| --- | --- | --- | --- | --- |"]
    return "\n".join(head + rows) if rows else None


def machine(context, flags):
    about = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", about)
    memory = int(re.search(r"MemTotal:\s*(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) // 1024 // 1024
    vectors = [name for name in ("sse4_1", "avx2", "fma", "avx512f") if f" {name} " in about.replace("\n", " ")]
    kernel = ".".join(platform.release().split(".")[:2])
    load = ", ".join(f"{one:.1f}" for one in context["load_avg"])
    return (f"{model[1] if model else 'unknown processor'}, {context['num_cpus']} cores at {context['mhz_per_cpu']} MHz, "
            f"{', '.join(vectors)}; {memory} GiB; Linux {kernel}; load before: {load}.\n{' '.join(word for word in flags.split() if not word.startswith('-ffile-prefix-map'))}.")


def chart(found, path):
    """Medians on a logarithmic axis, with the whole spread."""
    lines = []
    for name, one in found.items():
        if any(name == p or name.startswith(p) for p in CHART):
            lines.append(f'"{name}" {statistics.median(one["us"]) / 1e3:.6g} {min(one["us"]) / 1e3:.6g} {max(one["us"]) / 1e3:.6g}')
    if not lines:
        return
    script = f"""set terminal svg noenhanced size 860,{100 + 22 * len(lines)} font "sans,11" background "white"
set output "{path}"
$runs << EOD
""" + "\n".join(lines) + f"""
EOD
set logscale x
set xlabel "milliseconds: median, smallest to largest"
set yrange [{len(lines)}:-1]
set grid x
unset key
set lmargin 32
plot $runs using 2:0:3:4:ytic(1) with xerrorbars pointtype 7 pointsize 0.6 linewidth 1.5 linecolor rgb "#204a87"
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    results = json.loads(pathlib.Path(sys.argv[1]).read_text())
    found = collect(results["benchmarks"])
    path = pathlib.Path(sys.argv[2])
    text = path.read_text()
    parts = {name: table(found, prefixes) for name, prefixes in TABLES.items()}
    parts["machine"] = machine(results["context"], sys.argv[4])
    for name, part in parts.items():
        if part is None:
            print(f"table {name} stays as it was: nothing of it ran", file=sys.stderr)
            continue
        block = re.compile(rf"(<!-- table {name} -->\n).*?(<!-- end -->)", re.S)
        if not block.search(text):
            sys.exit(f"{path}: no place for the table {name}")
        text = block.sub(lambda match, part=part: match[1] + part + "\n" + match[2], text)
    path.write_text(text)
    chart(found, sys.argv[3])


if __name__ == "__main__":
    main()
