#!/usr/bin/env python3
"""Draws a terminal's text as SVG: ./dev demo | tests/demo/picture.py >docs/pictures/demo.svg"""
import html
import sys

WIDTH, LINE, LEFT, TOP = 8.0, 18, 16, 52

lines = [line.rstrip("\n") for line in sys.stdin if not line.startswith(("==", "ninja:"))]
columns = max([len(line) for line in lines] + [60])
width, height = round(2 * LEFT + columns * WIDTH), TOP + LINE * len(lines) + 8
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">')
print(f'<rect width="{width}" height="{height}" rx="8" fill="#1d2128"/>')
for n, colour in enumerate(("#e0605a", "#d9a93f", "#5fa95f")):
    print(f'<circle cx="{20 + 18 * n}" cy="18" r="6" fill="{colour}"/>')
print(f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="13.3" fill="#d5dae2" xml:space="preserve">')
for n, line in enumerate(["$ ./dev demo", *lines]):
    bright = ' fill="#8fce8f"' if line.startswith(("$", "Everything held")) else ""
    print(f'<text x="{LEFT}" y="{TOP - LINE + LINE * (n + 1)}" textLength="{len(line) * WIDTH:.0f}"{bright}>'
          f"{html.escape(line)}</text>" if line else "", end="\n" if line else "")
print("</g></svg>")
