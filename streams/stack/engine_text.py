"""The little that must be known of a statement's text: where an INSERT's data begins, and which FORMAT it names."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

# As ClickHouse's own lexer has them, or cut so that `is_opaque` refuses what that one reads otherwise. What is not
# closed runs to the end, and no position is looked at twice, whatever the text.
_TOKEN = re.compile(
    rb"""'(?:[^'\\]++|\\.)*+(?:'|\\?\Z) | "(?:[^"\\]++|\\.)*+(?:"|\\?\Z) | `(?:[^`\\]++|\\.)*+(?:`|\\?\Z)
       | (?:--|//|\#[!\ ])[^\n]*+ | /\*(?:[^*/]++|\*(?!/)|/(?!\*))*+(?:\*/|\Z) | /\* | [A-Za-z_][A-Za-z0-9_]*+ | [()]
       | \xe2\x80[\x98\x99\x9c\x9d] | [0-9][0-9A-Za-z_.]*[eEpP][-+](?=[-/+#'"`]) | \s++ | [0-9]++ | .""",
    re.VERBOSE | re.DOTALL,
)
_FORMAT_NAME = re.compile(rb"[A-Za-z0-9_]+")
_NAME = re.compile(rb"[`\"].*|[A-Za-z_][A-Za-z0-9_]*", re.DOTALL)
_SKIPPED = (b"--", b"//", b"#!", b"# ")
_OPENED = b"/*"
_UNICODE_QUOTES = (b"\xe2\x80\x98", b"\xe2\x80\x99", b"\xe2\x80\x9c", b"\xe2\x80\x9d")
_ASCII = 0x80
_ESCAPE = re.compile(rb"\\[^\\`\"]")
_QUERYING = frozenset({b"SELECT", b"WITH", b"FROM", b"("})
_READING = _QUERYING | {b"SHOW", b"DESCRIBE", b"DESC", b"EXISTS", b"EXPLAIN", b"CHECK"}


@dataclass(frozen=True, kw_only=True)
class Insert:
    """`INSERT INTO ...` without its FORMAT clause, the format, and where in the text the data begin."""

    statement: bytes
    input_format: str
    data_start: int

    @property
    def has_values(self) -> bool:
        """Whether its data are `VALUES`, which may be expressions; formats have names of any case."""
        return self.input_format.lower() == "values"


@dataclass(frozen=True, kw_only=True)
class InsertTarget:
    """Where an insert goes: a table as the statement names it, its list of columns and its settings, empty if none."""

    table: str
    columns: str
    settings: str


def find_insert(text: bytes) -> Insert | None:
    """The insert with inline data that the text begins with; None: another statement, or one that selects its data."""
    depth = 0
    words: list[bytes] = []
    for token in _TOKEN.finditer(text):
        word = token[0].upper()
        if _is_blank(word):
            continue
        depth += (word == b"(") - (word == b")")
        if depth or not word[:1].isalpha():
            words = words or [word]  # anything but a word at the start is no INSERT
            continue
        if not words and word != b"INSERT":
            return None
        if word in (b"SELECT", b"WITH") or words[:1] == [b"("]:
            return None
        if word == b"VALUES":
            return Insert(statement=text[: token.start()], input_format="Values", data_start=token.end())
        if words[-1:] == [b"FORMAT"]:
            return Insert(
                statement=text[: _last_format(text, token.start())],
                input_format=token[0].decode(),
                data_start=_data_start(text, token.end()),
            )
        words.append(word)
    return None


def is_insert(text: bytes) -> bool:
    """Whether the statement is an INSERT, of whatever data."""
    return next(words(text), b"").upper() == b"INSERT"


def find_target(statement: bytes) -> InsertTarget | None:
    """The table that an `INSERT INTO ...` (no FORMAT, no data) names; None: a function, or what is not understood."""
    tokens = _tokens(statement)
    if [_word(next(tokens, None)) for _ in range(2)] != [b"INSERT", b"INTO"]:
        return None
    first = next(tokens, None)
    first = next(tokens, None) if _word(first) == b"TABLE" else first
    if not _is_name(first) or _word(first) == b"FUNCTION":
        return None
    last, token = first, next(tokens, None)
    if _word(token) == b".":
        last, token = next(tokens, None), next(tokens, None)
    if first is None or last is None or not _is_name(last):
        return None
    columns, token = _column_list(statement, token, tokens)
    if token is not None and _word(token) != b"SETTINGS":
        return None
    return InsertTarget(
        table=statement[first.start() : last.end()].decode(),
        columns=columns.decode(),
        settings=statement[token.start() :].strip().decode() if token else "",
    )


def words(text: bytes) -> Iterator[bytes]:
    """The tokens of a statement without blanks and comments, strings and quoted names whole."""
    return (token[0] for token in _tokens(text))


def is_opaque(word: bytes) -> bool:
    """Whether a token of `words` can be another to the engine, which then may read all that follows otherwise.

    A heredoc, typographic quotes, a name in escapes, a comment in a comment, a number that a sign ends.
    """
    if word in (b"$", _OPENED) or word in _UNICODE_QUOTES:
        return True
    if word[:1] in (b"`", b'"'):
        return _ESCAPE.search(word) is not None
    return word[:1].isdigit() and not word.isdigit()


def reads_input(text: bytes) -> bool:
    """Whether the statement is an INSERT that selects from `input(...)`, the data sent with it."""
    if not is_insert(text):
        return False
    return (b"INPUT", b"(") in itertools.pairwise(word.upper() for word in words(text))


def output_format(text: bytes) -> str | None:
    """The format that a query's own FORMAT clause names: the last words, or followed by SETTINGS alone."""
    return split_format(text)[1]


def split_format(text: bytes) -> tuple[bytes, str | None]:
    """The query without its FORMAT clause and the semicolon after it, and the format that the clause names."""
    found: re.Match[bytes] | None = None
    clause = before = end = 0
    previous, has_settings = b"", False
    for token in _TOKEN.finditer(text):
        word = token[0]
        if _is_blank(word):
            continue
        upper = word.upper()
        if previous == b"FORMAT" and _FORMAT_NAME.fullmatch(word):
            found, clause, has_settings = token, before, False
        elif upper == b"SETTINGS":
            has_settings = True
        elif upper in (b"(", b")") or not (has_settings or upper in (b";", b"FORMAT")):
            found = None
        previous, before = upper, token.start()
        end = end if upper == b";" else token.end()
    if found is None:
        return text[:end], None
    return text[:clause] + text[found.end() : end], found[0].decode()


def can_be_described(text: bytes) -> bool:
    """Whether the statement is a query, which `DESCRIBE TABLE (...)` takes."""
    return next(words(text), b"").upper() in _QUERYING


def returns_rows(text: bytes) -> bool:
    """Whether the statement is of a kind that answers with rows, be it none."""
    return next(words(text), b"").upper() in _READING


def _tokens(text: bytes) -> Iterator[re.Match[bytes]]:
    """What `words` gives, with its places."""
    return (token for token in _TOKEN.finditer(text) if not _is_blank(token[0]))


def _is_blank(word: bytes) -> bool:
    """Whether a token is space or a comment; the engine takes some bytes beyond ASCII for space, and no others."""
    if word.startswith(_OPENED):
        return word != _OPENED
    return word.isspace() or word.startswith(_SKIPPED) or (word[0] >= _ASCII and word not in _UNICODE_QUOTES)


def _word(token: re.Match[bytes] | None) -> bytes:
    return token[0].upper() if token else b""


def _is_name(token: re.Match[bytes] | None) -> bool:
    return token is not None and _NAME.fullmatch(token[0]) is not None


def _column_list(
    text: bytes, token: re.Match[bytes] | None, tokens: Iterator[re.Match[bytes]]
) -> tuple[bytes, re.Match[bytes] | None]:
    """What stands between the parentheses that begin with this token, and the token after them."""
    if token is None or token[0] != b"(":
        return b"", token
    depth = 1
    for closing in tokens:
        depth += (closing[0] == b"(") - (closing[0] == b")")
        if not depth:
            return text[token.end() : closing.start()], next(tokens, None)
    return b"", token


def _last_format(text: bytes, end: int) -> int:
    return text.upper().rindex(b"FORMAT", 0, end)


def _data_start(text: bytes, position: int) -> int:
    """As ClickHouse: blanks, then one line end, belong to the statement."""
    while text[position : position + 1] in (b" ", b"\t", b"\f"):
        position += 1
    if text[position : position + 1] == b"\r":
        position += 1
    return position + (text[position : position + 1] == b"\n")
