"""What a statement may name: the engine's grants say the most of it, its words the rest.

An embedded engine does a few things as its host process, which no grant covers: the function `file`, `INTO OUTFILE`,
`FROM INFILE`, a table attached from a path, Python's objects. A statement that names one is refused by its words.
Where the kernel confines the process, see `confinement`, they would come to nothing besides.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from streams.stack.engine_query import EngineError
from streams.stack.engine_text import is_opaque, words

# The later ones are checked by the grants, but only after they have opened a file or a connection.
_NAMES: Final = frozenset(
    {
        *(b"file", b"python", b"executable", b"executablepool", b"filelog", b"embeddedrocksdb"),
        *(b"bigquery", b"datalakecatalog"),
        *(b"sqlite", b"mysql", b"postgresql", b"mongodb", b"redis", b"odbc", b"jdbc"),
        *(b"input_format_values_interpret_expressions", b"input_format_values_deduce_templates_of_expressions"),
    }
)
# A disk made up in a statement is opened, be it a directory or an address, before the constraint on it is looked at.
_CALLED: Final = frozenset({b"disk"})
# What data must hold somewhere before they can name one of these; `format` evaluates what stands in a string.
_HINTS: Final = (*_NAMES, *_CALLED, b"format")
_LOOKED_THROUGH_BYTES: Final = 4 << 20
NO_EXPRESSIONS: Final = {
    "input_format_values_interpret_expressions": "0",
    "input_format_values_deduce_templates_of_expressions": "0",
}
"""Settings of a statement without `VALUES` of its own: else `format(Values, ...)` evaluates what stands in a string."""
_PAIRS: Final = frozenset({(b"INTO", b"OUTFILE"), (b"FROM", b"INFILE")})


def check_statement(text: bytes, parameters: Mapping[str, str]) -> None:
    """Refuse a statement that reaches what the grants do not guard.

    Raises:
        EngineError: it names a file, a script or an object of the host process; code 497.
    """
    previous = previous_name = b""
    is_attach = False
    for word in words(text):
        name = _name(word)
        upper = word.upper()
        is_attach = is_attach or (upper == b"ATTACH" and previous in (b"", b";"))
        is_made = word == b"(" and previous_name in _CALLED
        if name in _NAMES or (previous, upper) in _PAIRS or is_made or is_opaque(word):
            raise refused(word)
        if is_attach and previous == b"FROM" and word[:1] == b"'":
            raise refused(word)
        previous, previous_name = upper, name
    for setting in NO_EXPRESSIONS.keys() & parameters.keys():
        raise refused(setting.encode())
    for value in _identifiers(parameters):
        if value.strip("`\"' ").lower().encode("utf-8", "surrogateescape") in _NAMES:
            raise refused(value.encode("utf-8", "surrogateescape"))


def check_values(data: bytes) -> None:
    """Refuse the data of an insert's `VALUES`, which may be expressions, where they reach the same.

    Raises:
        EngineError: they do, or are too long to be looked through; code 497.
    """
    plain = data.lower()
    has_escaped_name = b"\\" in data and (b'"' in data or b"`" in data)
    if not has_escaped_name and not any(name in plain for name in _HINTS):
        return
    if len(data) > _LOOKED_THROUGH_BYTES:
        raise refused(b"VALUES of this length; send the data in another format")
    previous = b""
    for word in words(data):
        name = _name(word)
        if name in _NAMES or is_opaque(word) or (word == b"(" and previous in (*_CALLED, b"format")):
            raise refused(word)
        previous = name


def refused(word: bytes) -> EngineError:
    """The engine's own way to say that something is not granted."""
    shown = word[:40].decode("utf-8", "replace")
    return EngineError(
        f"Code: 497. DB::Exception: default: Not enough privileges for {shown}: files, scripts and objects of the "
        "engine's process are closed to statements. (ACCESS_DENIED)"
    )


def _identifiers(parameters: Mapping[str, str]) -> Iterator[str]:
    return (
        value for name, value in parameters.items() if name.startswith("param_") and len(value) < len("executable") + 8
    )


def _name(word: bytes) -> bytes:
    return word[1:-1].lower() if word[:1] in (b"`", b'"') else word.lower()
