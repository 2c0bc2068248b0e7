"""Checks of a report as a page: well-formed, complete in itself, usable by everybody.

    problems(html) -> list of sentences; empty if all is well
"""

import base64
import re
from html.parser import HTMLParser

import html5lib

VOID = {"meta", "img", "br", "hr", "link", "input", "col"}
OUTSIDE = re.compile(r"""(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}""", re.I)
# Namespaces are names, nothing is fetched from them.
NAMESPACES = re.compile(rb'xmlns(:\w+)?="[^"]*"')


class Page(HTMLParser):
    """Elements in their order, with attributes and text."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.problems, self.style = [], [], [], ""

    def handle_starttag(self, tag, attrs):
        element = {"tag": tag, "attrs": dict(attrs), "text": "", "within": [e["tag"] for e in
                                                                          self.open]}
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1]["tag"] != tag:
            self.problems.append(f"</{tag}> at line {self.getpos()[0]} closes nothing")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1]["tag"] == "style":
            self.style += data
        for element in self.open:
            element["text"] += data

    def all(self, *tags):
        return [e for e in self.elements if e["tag"] in tags]


def luminance(colour):
    parts = [int(colour[k:k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    """WCAG 2 contrast of two #rrggbb colours."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _headings(page):
    problems, level = [], 0
    for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6"):
        own = int(heading["tag"][1])
        if own > level + 1:
            problems.append(f"heading {heading['text']!r} skips a level")
        level = own
        if not heading["text"].strip():
            problems.append("an empty heading")
    if len(page.all("h1")) != 1:
        problems.append("not exactly one h1")
    return problems


def _pictures(page):
    problems = []
    for image in page.all("img"):
        alt = image["attrs"].get("alt", "")
        if len(alt) < 40 or not re.search(r"\d", alt):
            problems.append(f"alt text says little: {alt!r}")
        if "nan" in re.split(r"[^a-z]+", alt.lower()):
            problems.append(f"alt text with nan: {alt!r}")
        source = image["attrs"].get("src", "")
        match = re.fullmatch(r"data:image/(png|svg\+xml);base64,([A-Za-z0-9+/=]+)", source)
        if not match:
            problems.append(f"picture from elsewhere: {source[:60]}")
            continue
        content = base64.b64decode(match.group(2))
        if match.group(1) == "png" and not content.startswith(b"\x89PNG"):
            problems.append("not a PNG")
        if match.group(1) == "svg+xml":
            rest = NAMESPACES.sub(b"", content)
            if OUTSIDE.search(rest.decode()) or b"<script" in rest or b"<!DOCTYPE" in rest:
                problems.append("an SVG refers to something outside")
        if not (image["attrs"].get("width", "").isdigit()
                and image["attrs"].get("height", "").isdigit()):
            problems.append("a picture without size")
        if "figure" not in image["within"]:
            problems.append("a picture outside figure")
    if len(page.all("figcaption")) != len(page.all("img")):
        problems.append("not one caption per picture")
    return problems


def _tables(page):
    problems = [f"th without scope: {th['text']!r}" for th in page.all("th")
                if th["attrs"].get("scope") not in ("row", "col")]
    problems += ["an empty th" for th in page.all("th") if not th["text"].strip()]
    if len(page.all("caption")) != len(page.all("table")):
        problems.append("a table without caption")
    for region in page.elements:
        if "wide" in region["attrs"].get("class", "").split() and not (
                region["attrs"].get("tabindex") == "0" and region["attrs"].get("aria-label")):
            problems.append("a scrolled region that the keyboard does not reach")
    return problems


def _links(page):
    ids = [e["attrs"]["id"] for e in page.elements if "id" in e["attrs"]]
    problems = [f"id {i} twice" for i in set(ids) if ids.count(i) > 1]
    for element in page.elements:
        target = element["attrs"].get("href")
        if target is not None and (not target.startswith("#") or target[1:] not in ids):
            problems.append(f"link to {target}")
        label = element["attrs"].get("aria-labelledby")
        if label is not None and label not in ids:
            problems.append(f"labelled by {label}, which is not there")
        for name, value in element["attrs"].items():
            if name not in ("src", "alt", "aria-label") and OUTSIDE.search(value or ""):
                problems.append(f"{element['tag']} {name}={value}")
        if element["tag"] in ("script", "link", "iframe", "object", "embed", "base"):
            problems.append(f"an element <{element['tag']}>")
    return problems


def _colours(page):
    """Every text colour of the style on every ground of it."""
    names = dict(re.findall(r"--(\w+):\s*(#[0-9a-fA-F]{6})", page.style))
    problems = []
    for text in ("text", "quiet", "link"):
        for ground in ("ground", "band"):
            ratio = contrast(names[text], names[ground])
            if ratio < 4.5:
                problems.append(f"{text} on {ground}: contrast {ratio:.2f}")
    rest = re.sub(r"--\w+:\s*#[0-9a-fA-F]{6}", "", page.style)
    if re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rest):
        problems.append("a colour beside the named ones")
    if re.search(r"url\(|@import|@font-face", page.style):
        problems.append("the style loads something")
    if "@media print" not in page.style or ":focus-visible" not in page.style:
        problems.append("no rules for print or focus")
    return problems


def problems(html):
    page = Page()
    page.feed(html)
    page.close()
    found = list(page.problems)
    if page.open:
        found.append("not closed: " + ", ".join(e["tag"] for e in page.open))
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    found += [f"HTML: {code} {data} at {place}" for place, code, data in parser.errors]
    root = page.all("html")
    if not root or not root[0]["attrs"].get("lang"):
        found.append("no language")
    if not page.all("title") or not page.all("title")[0]["text"].strip():
        found.append("no title")
    if not page.all("main") or not page.all("nav"):
        found.append("no main or nav")
    for check in (_headings, _pictures, _tables, _links, _colours):
        found += check(page)
    return found
