"""`zecto-sla policy`: versions of the contract, what differs between them, and whether a new one may take effect."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from streams.cli.printing import print_json, print_line

if TYPE_CHECKING:
    from schemas.policies import Policy

_FLAG = Parameter(negative=())
_BYTES_MAX = 1 << 20


def register(app: App) -> None:
    """Add `policy`."""
    policy = App(name="policy", help="List, compare and check versions of the contract (M5, §10.2).", group="Credits")
    policy.command(list_, name="list")
    policy.command(diff)
    policy.command(check)
    app.command(policy)


def list_(*, json: Annotated[bool, _FLAG] = False) -> None:
    """List the policies of this version, by the instant from which they apply.

    .. code-block:: console

        $ zecto-sla policy list

    Args:
        json: Print them as a JSON list.
    """
    from schemas.instants import format_instant
    from streams.cli.choices import known_policies

    rows = [
        {
            "policy": policy.policy_id,
            "effective_from": format_instant(policy.effective_from_ms),
            "published_at": format_instant(policy.published_at_ms),
            "zone": policy.zone,
        }
        for policy in known_policies()
    ]
    if json:
        print_json(rows)
        return
    for one in rows:
        print_line(f"{one['policy']}  from {one['effective_from']}, published {one['published_at']}, {one['zone']}")


def diff(before: str, after: str, /, *, json: Annotated[bool, _FLAG] = False) -> None:
    """Show what differs between two policies, and which commitments the second one lowers.

    .. code-block:: console

        $ zecto-sla policy diff zecto-1.0 zecto-1.1.toml

    Args:
        before: A policy's id, or a file.
        after: Likewise.
        json: Print the differences as one JSON object.
    """
    from schemas.policy_changes import changes, lowered_commitments

    (was, was_text), (has_become, text) = _policy(before), _policy(after)
    changed, lowers = changes(was_text, text), lowered_commitments(was, has_become)
    if json:
        print_json({"changed": changed, "lowers": lowers})
        return
    for one in changed:
        print_line(f"{one.key}: {one.before or '(not there)'} -> {one.after or '(not there)'}")
    if lowers:
        print_line(f"lowers commitments, so 30 days' notice are needed (§10.2): {', '.join(lowers)}")
    elif not changed:
        print_line("no difference")


def check(*paths: Path) -> None:
    """See whether policy files can be used beside those of this version: read, ordered, with the notice that is due.

    Exit 0 if they can; otherwise one line that says what to mend, and exit 1.

    .. code-block:: console

        $ zecto-sla policy check zecto-1.1.toml

    Args:
        paths: Files to check; without any, those of this version.
    """
    from schemas.policies import PolicyError
    from schemas.policy_changes import order_policies
    from streams.cli.choices import known_policies
    from streams.core.errors import Code, ZectoError

    try:
        ordered = order_policies([*known_policies(), *(_policy(str(path))[0] for path in paths)])
    except PolicyError as error:
        raise ZectoError(f"{error}", code=Code.DATA_FILE_UNUSABLE) from error
    print_line(f"can be used: {', '.join(policy.policy_id for policy in ordered)}")


def _policy(name: str) -> "tuple[Policy, str]":
    """A policy and its text, by its id or file."""
    from schemas.policies import PolicyError, parse_policy
    from schemas.policy_changes import policy_text
    from streams.cli.choices import known_policies
    from streams.core.errors import Code, UsageError, ZectoError
    from streams.core.input_files import read_input

    for policy in known_policies():
        if policy.policy_id == name:
            return policy, policy_text(name)
    try:
        text = read_input(name, most_bytes=_BYTES_MAX).decode()
        return parse_policy(text, name), text
    except UsageError as error:
        known = ", ".join(policy.policy_id for policy in known_policies())
        raise UsageError(f"{error.message}, and it names no policy of this version ({known})") from error
    except UnicodeDecodeError as error:
        raise ZectoError(f"{name}: not UTF-8", code=Code.DATA_FILE_UNUSABLE) from error
    except PolicyError as error:
        raise ZectoError(f"{error}", code=Code.DATA_FILE_UNUSABLE) from error
