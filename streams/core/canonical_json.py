"""One text for one content: JSON with sorted keys and no spaces, of strings and integers only, and its SHA-256.

A document is `{"body": …, "sha256": "…"}`: the hash of its body's own text, so that a file proves itself. In Python:

    hashlib.sha256(json.dumps(document["body"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(content: object) -> bytes:
    """The one text of a content: the same on every machine, in every version of Python.

    Raises:
        TypeError: it holds a float, whose text is a matter of taste.
    """
    _refuse_floats(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def seal(body: Mapping[str, Any]) -> bytes:
    """A document's bytes, a line of text: the body with its own hash."""
    return canonical_json({"body": body, "sha256": sha256_of(canonical_json(body))}) + b"\n"


def sha256_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def _refuse_floats(content: object) -> None:
    match content:
        case dict():
            for value in content.values():
                _refuse_floats(value)
        case list() | tuple():
            for value in content:
                # columns of minutes hold a million integers: those need no call each
                if type(value) is not int:
                    _refuse_floats(value)
        case float():
            raise TypeError(f"{content} is a float: no document holds one")
