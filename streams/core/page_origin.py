"""Which requests a page in a browser makes for another site than ours, by what browsers say of their own accord.

A browser names the page's origin (`null` where it hides it) and how that relates to us; a program names neither. What
a page itself writes into a request cannot change these two headers.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

_OWN_PAGE: Final = frozenset({"same-origin", "none"})


def is_of_another_site(headers: Mapping[str, str], *, schemes: tuple[str, ...] = ("http",)) -> bool:
    """Whether a page of another origin asks; `headers` by names in small letters, `schemes` are those that serve us."""
    if headers.get("sec-fetch-site", "none").strip().lower() not in _OWN_PAGE:
        return True
    origin = headers.get("origin")
    return origin is not None and origin not in {f"{scheme}://{headers.get('host')}" for scheme in schemes}


def host_name(headers: Mapping[str, str]) -> str | None:
    """The name in `Host`, in small letters and without its port; None: there is none, or none that can be read.

    A page can give our address a name of its own (DNS rebinding); its browser then takes it for a page of ours.
    """
    try:
        return urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return None
