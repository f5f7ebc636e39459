"""The HTML of a report as a tree that Typst can walk: elements, classes, texts and drawings.

It reads what templates/*.html.jinja write and no other HTML: every element is closed, and attributes stand in quotes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any, Final

_DRAWING: Final = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_LABEL: Final = re.compile(r'aria-label="([^"]*)"')
_STYLE: Final = re.compile(r"<style>.*?</style>", re.DOTALL)
_WIDTH: Final = re.compile(r"width:([0-9]+)(?:\.([0-9]))?%")
_BETWEEN_TAGS: Final = re.compile(r">\s*\n\s*<")
_VOID: Final = frozenset({"meta", "br"})
_SVG_HEAD: Final = '<svg xmlns="http://www.w3.org/2000/svg" '
_SVG_FONT: Final = 'font-family="Noto Sans"'

MakeDisplayable = Callable[[str], str]
"""Replaces the characters of a text that have no glyph by characters that have."""


@dataclass(slots=True)
class Element:
    """An HTML element; `children` are elements and texts."""

    tag: str
    classes: list[str]
    width_per_mille: int | None = None
    """The width of its inline style, if it has one: `34%` and `34.0%` are 340."""
    span: int = 1
    """How many columns a cell of a table fills."""
    drawing: str = ""
    """The SVG file that stands here, if `tag` is object."""
    label: str = ""
    """What the drawing says in words; empty if it decorates."""
    children: "list[Element | str]" = field(default_factory=list)

    def to_typst(self) -> dict[str, Any]:
        """As templates/report.typ reads it: texts, integers, lists and dictionaries."""
        return {
            "tag": self.tag,
            "classes": self.classes,
            "width": self.width_per_mille,
            "span": self.span,
            "drawing": self.drawing,
            "label": self.label,
            "children": [each if isinstance(each, str) else each.to_typst() for each in self.children],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class HtmlDocument:
    """A report's head and body."""

    title: str
    author: str
    description: str
    dated: str
    """The instant of what the report rests on, RFC 3339."""
    body: Element

    def to_typst(self) -> dict[str, Any]:
        """As templates/report.typ reads it; the instant is given to Typst itself."""
        return {
            "title": self.title,
            "author": self.author,
            "description": self.description,
            "body": self.body.to_typst(),
        }


def read_document(html: str, make_displayable: MakeDisplayable) -> HtmlDocument:
    """The tree of a report that HtmlDrawing made; every text of its body passes `make_displayable`.

    Raises:
        KeyError: the report lacks its author, description or instant.
    """
    reader = _Reader(make_displayable)
    drawings: list[str] = []

    def keep(found: re.Match[str]) -> str:
        drawings.append(found[0])
        return f'<object data="{len(drawings) - 1}"></object>'

    text = _BETWEEN_TAGS.sub("> <", _DRAWING.sub(keep, _STYLE.sub("", html)))
    reader.drawings = drawings
    reader.feed(text)
    reader.close()
    return HtmlDocument(
        title=reader.title,
        author=reader.meta["author"],
        description=reader.meta["description"],
        dated=reader.meta["dcterms.created"],
        body=reader.body,
    )


class _Reader(HTMLParser):
    """Builds the tree; an `object` element stands for a drawing, whose number it holds."""

    def __init__(self, make_displayable: MakeDisplayable) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.title = ""
        self.drawings: list[str] = []
        self.body = Element("body", [])
        self._open = [Element("document", [])]
        self._make_displayable = make_displayable

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta[values.get("name", "")] = values.get("content", "")
        if tag in _VOID:
            return
        element = self._element(tag, values)
        self._open[-1].children.append(element)
        self._open.append(element)
        if tag == "body":
            self.body = element

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open[-1].tag == "title":
            self.title += data
        else:
            self._open[-1].children.append(self._make_displayable(data))

    def _element(self, tag: str, values: dict[str, str]) -> Element:
        element = Element(tag, values.get("class", "").split(), _width_per_mille(values.get("style", "")))
        element.span = int(values.get("colspan", 1))
        if tag == "object":
            drawing = self.drawings[int(values["data"])]
            label = _LABEL.search(drawing)
            element.label = self._make_displayable(unescape(label[1])) if label else ""
            element.drawing = drawing.replace("<svg ", _SVG_HEAD, 1).replace('font-family="sans-serif"', _SVG_FONT)
            element.classes = re.findall(r'^<svg class="(\w+)"', drawing)
        return element


def _width_per_mille(style: str) -> int | None:
    found = _WIDTH.search(style)
    return int(found[1]) * 10 + int(found[2] or 0) if found else None
