"""The pages: links lead somewhere, terms are those of the glossary, the architecture names what there is."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
DOCS: Final = ROOT / "docs"
GLOSSARY: Final = (DOCS / "reference" / "glossary.md").read_text("utf-8")
ARCHITECTURE: Final = (DOCS / "explanation" / "architecture.md").read_text("utf-8")
OLD_WORDS: Final[dict[str, str]] = tomllib.loads((Path(__file__).parent / "old_words.toml").read_text("utf-8"))["words"]

_TOP_PAGES: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")
# Help texts and descriptions of records, whose words are changed where they are written, and what once was called so.
_OTHERS_WORDS: Final = frozenset({"docs/reference/commands.md", "docs/reference/records.md", "CHANGELOG.md"})
PAGES: Final = sorted(
    str(path.relative_to(ROOT))
    for path in (*DOCS.rglob("*.md"), *(ROOT / "findings").rglob("*.md"), *(ROOT / page for page in _TOP_PAGES))
)
DECISIONS: Final = sorted(path.name for path in (DOCS / "decisions").glob("[0-9]*.md"))
TERMS: Final = [
    (head, body.strip()) for head, body in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", GLOSSARY, re.MULTILINE)
]
PACKAGES: Final = sorted(
    str(path.parent.relative_to(ROOT)) for path in (ROOT / "streams").rglob("__init__.py") if path.parent.name[0] != "_"
)


def _text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def _prose(page: str) -> str:
    """A page without its fenced blocks, in which brackets are no links and `#` begins no heading."""
    return re.sub(r"^( *)```.*?^\1```", "", _text(page), flags=re.MULTILINE | re.DOTALL)


@cache
def _anchors(page: str) -> frozenset[str]:
    """The anchors that GitHub gives a page's headings."""
    heads = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", head).lower() for head in heads)
    return frozenset(re.sub(r"[^\w\- ]", "", head.strip()).replace(" ", "-") for head in plain)


def _broken(page: str) -> Iterable[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        place = (ROOT / page).parent / path if path else ROOT / page
        if not place.exists() or (anchor and anchor not in _anchors(str(place.resolve().relative_to(ROOT)))):
            yield target


@pytest.mark.parametrize("page", PAGES)
def test_every_relative_link_and_anchor_leads_somewhere(page: str) -> None:
    assert list(_broken(page)) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_every_path_that_a_page_names_exists(page: str) -> None:
    named = re.findall(r"`((?:schemas|streams|sql|docs|tests|findings)/[\w./*-]*)`", _prose(page))
    there = (path for path in named if not re.search("[A-Z]{3}", path))  # PLACEHOLDERS are no paths
    assert [path for path in there if not list(ROOT.glob(path.rstrip("/")))] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_exists(page: str) -> None:
    targets = set(re.findall(r"^([\w./-]+):", _text("Makefile"), re.MULTILINE)) | {".venv/.ready"}
    assert set(re.findall(r"(?:^|[`$] ?)make ([a-z.][\w./-]*)", _text(page), re.MULTILINE)) <= targets


def test_a_link_that_leads_nowhere_is_found() -> None:
    assert "glossary.md#frontier" not in list(_broken("docs/explanation/architecture.md"))
    assert _anchors("docs/reference/glossary.md") >= {"frontier", "amount-due"}
    assert "no-such-term" not in _anchors("docs/reference/glossary.md")


@pytest.mark.parametrize("page", [page for page in PAGES if page not in _OTHERS_WORDS])
def test_pages_use_no_old_word(page: str) -> None:
    found = [(match[0], new) for old, new in OLD_WORDS.items() for match in re.finditer(old, _text(page))]
    assert found == []


@pytest.mark.parametrize("old", OLD_WORDS)
def test_an_old_word_can_be_found(old: str) -> None:
    samples = (
        "told owed warrant shelf stood wiring seam StoredBlock Draft era lives of a life as known at known_at "
        "chosen_probes listed_for_lateness letters flaw Judging promise the statement that stands in an earlier life"
    )
    assert re.search(old, samples)


def test_terms_of_the_glossary_are_sorted_and_single() -> None:
    heads = [head.replace("_", " ").lower() for head, _ in TERMS]
    assert heads == sorted(set(heads))
    assert len(heads) >= 40


@pytest.mark.parametrize(("term", "body"), TERMS)
def test_every_term_has_a_sentence(term: str, body: str) -> None:
    assert re.match(r"[A-Z`][^.]*\w.*[.)]", body, re.DOTALL), term


def test_the_glossary_cites_only_rules_of_the_contract() -> None:
    contract = _text("docs/reference/contract.md")
    cited = set(re.findall(r"\b[HTICVXBMKP][1-9]\b", GLOSSARY))
    assert cited
    assert [rule for rule in sorted(cited) if f"\n### {rule}\n" not in contract] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_architecture_names_every_package(package: str) -> None:
    assert package == "streams" or f"| `{package}` |" in ARCHITECTURE


def test_the_architecture_names_no_package_that_is_gone() -> None:
    named = re.findall(r"\| `(streams/[\w/]+)` \|", ARCHITECTURE)
    assert [package for package in named if package not in PACKAGES] == []


def _ways() -> list[list[str]]:
    blocks = re.findall(r"^```hops\n(.*?)^```", ARCHITECTURE, re.MULTILINE | re.DOTALL)
    return [re.findall(r"[\w/]+", block) for block in blocks]


def test_every_file_on_the_traced_ways_exists() -> None:
    named = sorted({name for way in _ways() for name in way})
    assert named
    assert [name for name in named if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    places = (ROOT / "streams" / f"{name}.py", ROOT / f"{name}.py", ROOT / name)
    return any(place.exists() for place in places)


def test_hops_and_returns_are_those_of_the_traced_ways() -> None:
    rows = re.findall(r"^\| to a [a-z ]+ \| (\d+) \| (\d+) \| (\d+) \|", ARCHITECTURE, re.MULTILINE)
    assert [tuple(map(int, row)) for row in rows] == [_counted(way) for way in _ways()]


def _counted(way: Sequence[str]) -> tuple[int, int, int]:
    """Hops, returns (hops to a file that was read before), files."""
    assert all(here != there for here, there in pairwise(way))
    return len(way) - 1, len(way) - len(set(way)), len(set(way))


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [name[:4] for name in DECISIONS] == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_is_named_after_its_title_and_listed(name: str) -> None:
    title = _text(f"docs/decisions/{name}").partition("\n")[0].removeprefix("# ")
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower().replace("'", "")).strip("-")
    assert name == f"{name[:4]}-{slug}.md"
    assert f"| {name[:4]} | [{title}]({name}) |" in _text("docs/decisions/README.md")


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_says_what_and_why(name: str) -> None:
    heads = re.findall(r"^\*\*(\w+)\.\*\*", _text(f"docs/decisions/{name}"), re.MULTILINE)
    assert {"Decision", "Why"} <= set(heads)


def test_ask_in_sql_lists_every_view_of_the_database() -> None:
    text = _text("docs/how-to/ask-in-sql.md")
    table = "\n".join(line for line in text.splitlines() if line.startswith("| `"))
    listed = {
        name.partition("(")[0]
        for name in re.findall(r"`([a-z_]+(?:\([^`]*\))?)`", re.sub(r"\| [^|]*\|$", "", table, flags=re.MULTILINE))
    }
    views = {path.name[4:-4] for path in (ROOT / "sql" / "views").glob("*.sql")}
    assert listed == views


def test_only_pages_and_drawings_lie_in_docs() -> None:
    assert {path.suffix for path in DOCS.rglob("*") if path.is_file()} <= {".md", ".svg", ".txt"}
