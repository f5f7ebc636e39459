"""The command line `zecto-sla`: one module a group of commands, each thin over the package that does the work."""

import errno
import json
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from types import ModuleType

import cyclopts
from cyclopts import App
from pydantic import ValidationError

from streams.cli.printing import drop_unwritten, prepare_streams, print_json_text, print_line
from streams.core.errors import Code, UsageError, ZectoError
from streams.core.extras import missing_library
from streams.core.shown_text import shown_text

_INTERRUPTED = 130
_JSON = "--json"
_FULL = (errno.EBADF, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


def build_app() -> App:
    """Every command, registered by the module it lives in."""
    app = App(
        name="zecto-sla",
        help="Minute-exact uptime of a communications platform, from Kafka to a provable month.",
        version=lambda: version("zecto-sla"),
        version_flags=["--version"],
        help_format="rst",
        result_action="return_value",
    )
    for group in groups():
        group.register(app)
    return app


def main() -> None:
    """Run one command; an error is one line on stderr, a JSON object with `--json`: exit 2 for wrong use, else 1."""
    prepare_streams()
    try:
        build_app()(sys.argv[1:], exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except cyclopts.CycloptsError as error:
        _fail(UsageError(_wrong_use(f"{error}")))
    except ZectoError as error:
        _fail(error)
    except ValidationError as error:
        _fail(ZectoError(_unfit_setting(error), code=Code.SETTING_UNUSABLE))
    except ModuleNotFoundError as error:
        _fail(missing_library(error) or _fault_of_ours(error))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        drop_unwritten()
        sys.exit(0)
    except OSError as error:
        _fail(_unusable_file(error) or _fault_of_ours(error))
    except Exception as error:
        # The last resort: people get a line, not a trace.
        if os.environ.get("ZECTO_LOG_LEVEL") == "debug":
            raise
        _fail(_fault_of_ours(error))


def groups() -> list[ModuleType]:
    """The modules that hold commands, in the order in which help lists them."""
    from streams.cli import (
        audit,
        claims,
        close,
        credits_,
        demo,
        doctor,
        drain,
        dump,
        evidence,
        expire,
        import_logs,
        migrate,
        month,
        performance,
        policy,
        produce,
        report,
        restore,
        simulate,
        stack,
        support,
        web,
        worker,
    )

    production = [migrate, worker, web, doctor, close, credits_, claims, expire, restore]
    return [
        demo,
        stack,
        *production,
        produce,
        import_logs,
        simulate,
        drain,
        dump,
        month,
        performance,
        report,
        evidence,
        audit,
        support,
        policy,
    ]


def _wrong_use(words: str) -> str:
    """The first line of what the parser says; a line break within an argument, which it repeats, ends none."""
    for argument in sys.argv[1:]:
        words = words.replace(argument, shown_text(argument)) if "\n" in argument else words
    return words.partition("\n")[0].strip() or "wrong use"


def _unfit_setting(error: ValidationError) -> str:
    """The first setting of the environment that cannot be used."""
    first = error.errors()[0]
    return f"ZECTO_{'_'.join(str(part) for part in first['loc']).upper()} {first['input']!r}: {first['msg']}"


def _unusable_file(error: OSError) -> ZectoError | None:
    """What is wrong with a file, or with the disk; None: it is neither."""
    name = error.filename if isinstance(error.filename, str) else ""
    if error.errno == errno.ENAMETOOLONG:
        return UsageError(f"{name} cannot be used: {error.strerror}", hint="name a shorter one")
    if error.errno in _FULL:
        return ZectoError(f"{name or 'the output'} cannot be written: {error.strerror}", code=Code.FILE_UNWRITABLE)
    return ZectoError(f"{name} cannot be used: {error.strerror}", code=Code.FILE_UNREADABLE) if name else None


def _fault_of_ours(error: Exception) -> ZectoError:
    if isinstance(error, MemoryError):
        return ZectoError("it takes more memory than there is", hint="ask for less, or where there is more")
    ours = f"a fault of ours: {type(error).__name__}: {error}"
    return ZectoError(ours, hint="ZECTO_LOG_LEVEL=debug shows where", code=Code.INTERNAL)


def _fail(error: ZectoError) -> None:
    with suppress(OSError):  # nobody may hear it; the exit status says it still
        if _JSON in sys.argv:
            print_json_text(json.dumps({"error": error.to_record()}), stderr=True)
        else:
            print_line(f"zecto-sla: {error}", stderr=True)
    drop_unwritten()
    sys.exit(error.exit_code)
