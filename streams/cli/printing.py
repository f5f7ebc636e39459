"""What commands print without a table: lines for people, JSON for programs, documents byte for byte.

Lines and JSON hold no character that a terminal would act on, whatever a record or an argument holds; a document is the
bytes that its hash is of, and goes out as it is.
"""

import json
import os
import sys
from typing import Any

import msgspec

from streams.core.shown_text import shown_json, shown_text


def prepare_streams() -> None:
    """Let no text fail to be printed because the terminal's encoding lacks a character, nor for want of a stream.

    A process may be started without them. What is opened next would take a missing one's number, and get what is meant
    for it; so the number is taken, and writing to it fails as to a closed file.
    """
    for number, mode in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  open to the end
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def drop_unwritten() -> None:
    """Let what could not be written be forgotten, so that the end of the process does not try once more."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


def print_line(text: str, *, stderr: bool = False) -> None:
    """Print one line of text."""
    stream = sys.stderr if stderr else sys.stdout
    stream.write(f"{shown_text(text)}\n")
    stream.flush()


def print_json(value: Any, *, indent: bool = False, enc_hook: Any = None) -> None:  # noqa: ANN401  whatever msgspec encodes
    """Print a value as JSON, in one line unless `indent`."""
    encoded = _encoded(value, enc_hook)
    print_json_text((msgspec.json.format(encoded, indent=2) if indent else encoded).decode())


def print_json_text(text: str, *, stderr: bool = False) -> None:
    """Print what is JSON already; it stays the same value."""
    stream = sys.stderr if stderr else sys.stdout
    shown = shown_json(text)
    stream.write(f"{shown if _is_encodable(shown, stream.encoding) else json.dumps(json.loads(text))}\n")
    stream.flush()


def print_document(document: bytes) -> None:
    """Print a document byte for byte."""
    sys.stdout.buffer.write(document)
    sys.stdout.buffer.flush()


def _encoded(value: Any, enc_hook: Any) -> bytes:  # noqa: ANN401
    try:
        return msgspec.json.encode(value, enc_hook=enc_hook)
    except UnicodeEncodeError:
        # A name that is not UTF-8, such as a file's, has surrogates for its bytes: JSON can hold them as escapes only.
        return json.dumps(msgspec.to_builtins(value, enc_hook=enc_hook), separators=(",", ":")).encode()


def _is_encodable(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
