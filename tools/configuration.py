"""docs/reference/configuration.md, out of the model of config.toml."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from pydantic.fields import FieldInfo

from tools.kinds import kind
from watchcall.config import (
    checks,
    daemon,
    hints,
    host,
    http,
    maintenance,
    model,
    notify,
    people,
    process,
    sources,
    table,
    twilio,
)
from watchcall.core.check import StatusRule
from watchcall.core.speech import FIELDS
from watchcall.core.words import BUILT_IN

MIB = 1024 * 1024

HEAD = f"""\
# Configuration

<!-- Written by `make docs` from src/watchcall/config; change it there. -->

One TOML file. Looked for at `--config`, `$WATCHCALL_CONFIG`, `/etc/watchcall/config.toml`,
`$XDG_CONFIG_HOME/watchcall/config.toml` (`~/.config`). `watchcall validate` says all that is wrong
with it at once, each with file, table, key and what would be right, and who would be called; exit
code 78. Every key in its place, ready to be uncommented:
[config.toml.example](../../config.toml.example).

A value comes from the first that has it: the command line, the environment, a systemd credential
(the two secrets), the file, the default. In the environment a key is `{sources.PREFIX}`, the table,
two underscores and the key, in capitals: `{sources.PREFIX}TWILIO__AUTH_TOKEN`; lists and tables are
JSON there. An unknown table or key is refused, as is what is not of its kind:

| kind | is written |
|---|---|
| duration | `"500ms"`, `"30s"`, `"5m"`, `"2h"`, `"7d"`; a bare number is seconds; at most 3650d |
| size | `"500MiB"`, `"1GB"`; a bare number is bytes |
| percentage | a number, without quotes |
| phone number | E.164, `"+819012345678"`: +, country code, number; spaces, hyphens are dropped |
| name | text in one line, at most 200 characters |
| path | a relative one is meant from the folder of the file; `~` is not expanded |
| regular expression | as Python's `re`, searched; it ends after a second at the most |
| template | text with [fields](#templates) in braces |
| time of day | `"22:00"`, whole minutes |
| date and time | RFC 3339: `"2031-12-01T03:00:00+09:00"` |
| language (BCP 47) | `"ja-JP"`; built-in words for {", ".join(f"`{tag}`" for tag in BUILT_IN)} |
| time zone (IANA) | `"Asia/Tokyo"` |

Default "–": none, or as the text says.
"""
ONE_CHANNEL = "Without any there is one, called `phone`, that calls all contacts.\n\n"

TEMPLATES = f"""\
### Templates

Fields of `message` and `recovery_message`:
{" ".join(f"`{{{one}}}`" for one in sorted(FIELDS))}.
`{{spoken}}` is `spoken_name`, `{{checks}}` are all that are told, `{{count}}` how many. Names of
hosts and checks are said as given, never translated. `watchcall preview CHECK` shows what comes
of it.
"""


def page() -> str:
    parts = [
        HEAD,
        _section("`[twilio]`", twilio.Twilio),
        _section("`[notify]`", notify.Notify),
        _section("`[defaults]`", checks.Defaults),
        _section("`[[contact]]`", people.Contact),
        _section("`quiet_hours` of a contact", people.QuietHours, level=3),
        _section("`[[channel]]`", people.Channel, more=ONE_CHANNEL),
        TEMPLATES,
        _section("`[[group]]`", people.Group),
        "Checks in no group use every channel whose `default` is true. A check that reaches no\n"
        "channel is refused unless `enabled = false`.\n",
        _section("`[[check]]`, of every type", checks.CommonCheck),
        *(_section(f'`type = "{name}"`', kind, level=3) for name, kind in model.CHECKS.items()),
        *_inline(),
        _section("`[[maintenance]]`", maintenance.Maintenance),
        _section("`[daemon]`", daemon.Daemon),
        _section("`heartbeat` of the daemon", daemon.Heartbeat, level=3),
        "`state_dir`, `database` and `control_socket` are not moved by a reload: it is refused.\n",
        _section("`[web]`", daemon.Web),
    ]
    return "\n".join(parts)


def _inline() -> Iterator[str]:
    yield (
        "### Limits\n\n"
        "`memory`, `cpu`, `latency`, `load`, `memory_used`, `swap_used` and `disk_used` are\n"
        "`{ warning = , critical = }`: one of the two is enough, and what both have is critical.\n"
        "`certificate` counts the other way round. Of a process's `warning`:\n"
    )
    yield _table(process.Bounds)
    yield "Of `json`:\n"
    yield _table(http.JsonMatch)
    yield "Of `disk_used`, besides `warning` and `critical`:\n"
    yield _table(host.DiskLimits, only=("path",))


def _section(heading: str, of: type[table.Table], level: int = 2, more: str = "") -> str:
    sentence = inspect.cleandoc(of.__doc__ or "").splitlines()[0]
    sentence = sentence.split("`: ", 1)[-1] if "]`: " in sentence else sentence
    sentence = sentence.partition("; None is")[0].rstrip(".")
    shown = "" if sentence.startswith("`") else f"{sentence[:1].upper()}{sentence[1:]}.\n\n"
    return f"{'#' * level} {heading}\n\n{shown}{more}{_table(of)}"


def _table(of: type[table.Table], only: tuple[str, ...] = ()) -> str:
    common = set(checks.CommonCheck.model_fields) if of in model.CHECKS.values() else set()
    rows = [
        f"| `{field.alias or name}` | {kind(field)} | {_default(field)} | {_said(of, name)} |"
        for name, field in of.model_fields.items()
        if (name not in common and name != "type") or (name == "type" and of is people.Channel)
        if not only or name in only
    ]
    return "\n".join(["| key | takes | default | |", "|---|---|---|---|", *rows, ""])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value == () or isinstance(value, (table.Table, dict)):
        return "–"
    if isinstance(value, StatusRule):
        return '`["2xx"]`'
    return f"`{_toml(value)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f'"{hints.spell(value)}"'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    if isinstance(value, int):
        return f'"{value // MIB}MiB"' if value >= MIB else str(value)
    return f'"{value}"'


def _said(of: type[table.Table], name: str) -> str:
    """Return what stands below a key in the model; raise KeyError where nothing does."""
    owner = next(one for one in of.__mro__ if name in _texts(one))
    return " ".join(_texts(owner)[name].split()).replace("|", r"\|")


@cache
def _texts(of: type) -> dict[str, str]:
    """Return the texts below the keys of a table, read from the source: nothing else has them."""
    if not issubclass(of, table.Table) or of is table.Table:
        return {}
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(of))).body
    assert isinstance(body, ast.ClassDef)
    return {
        key.target.id: text.value.value
        for key, text in zip(body.body, body.body[1:], strict=False)
        if isinstance(key, ast.AnnAssign) and isinstance(key.target, ast.Name)
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(text.value.value, str)
    }
