"""The kinds of values that the file knows: what is read, and what is said of a wrong one.

Each parser raises ValueError with a sentence that says what would be right. None of them
repeats a value that may be a secret.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr

from watchcall.config.hints import quoted, spell
from watchcall.config.numbers import phone
from watchcall.core.lint import unspeakable
from watchcall.core.speech import template_error


class EnvironmentText(str):
    """A value of the environment, which has only text: there, "5" may be a number."""

    __slots__ = ()


class Unusable(str):
    """In the place of a secret that could not be read: why it could not."""

    __slots__ = ()


SECONDS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
LONGEST = timedelta(days=3650)  # beyond ten years a duration is a slip of the pen
BYTES: dict[str, int] = {"b": 1} | {
    f"{letter}{ending}": base**power
    for power, letter in enumerate("kmgt", start=1)
    for ending, base in (("b", 1000), ("ib", 1024))
}
UNIT_KINDS = tuple(
    ".service .socket .scope .slice .target .mount .automount .swap .timer .path .device".split()
)


def duration(value: object) -> timedelta:
    """Read "500ms", "30s", "5m", "2h", "7d" or bare seconds."""
    if isinstance(value, timedelta):
        return value
    number, unit = _quantity(value)
    if number is None or unit not in ("", *SECONDS):
        raise ValueError('must be a duration such as "500ms", "30s", "5m", "2h" or "7d"')
    seconds = number * SECONDS[unit or "s"]
    if seconds > LONGEST.total_seconds():
        raise ValueError("must be at most 3650d")
    return timedelta(microseconds=int(seconds * 1_000_000))


def size(value: object) -> int:
    """Read "500MiB", "1GB" or bare bytes."""
    number, unit = _quantity(value)
    if number is None or unit.lower() not in ("", *BYTES):
        raise ValueError('must be a size such as "500MiB" or "1GB"')
    amount = number * BYTES[unit.lower() or "b"]
    if amount > 2**63:
        raise ValueError("must be at most 8388608TiB")
    return int(amount)


def _quantity(value: object) -> tuple[Decimal | None, str]:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None, ""
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?([A-Za-z]*)", _decimal(value))
    return (Decimal(found[1]), found[2]) if found else (None, "")


def _decimal(value: float | str) -> str:
    return f"{value:f}" if isinstance(value, float) else str(value)


def flag(value: object) -> bool:
    """Read true or false; the environment may also say 1, 0, yes, no, on, off."""
    if isinstance(value, bool):
        return value
    if isinstance(value, EnvironmentText):
        if value.lower() in ("true", "1", "yes", "on"):
            return True
        if value.lower() in ("false", "0", "no", "off"):
            return False
    raise ValueError("must be true or false, without quotes")


def whole(value: object) -> int:
    """Read a whole number."""
    if isinstance(value, EnvironmentText) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("must be a whole number, without quotes")


def percent(value: object) -> float:
    """Read a percentage: a number; more than 100 is fine where several cores are summed."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1_000_000:
        return float(value)
    raise ValueError("must be a percentage: a number, without quotes, 0 or more")


def one_line(value: str) -> bool:
    """Whether text has nothing that could break a line of the log."""
    return not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value)


def line(value: str) -> str:
    """Accept text that fits a log line: not empty, nothing that cannot be printed."""
    if not value.strip():
        raise ValueError("must not be empty")
    if not one_line(value):
        raise ValueError("must be one line without control characters")
    if value != value.strip():
        raise ValueError("must not begin or end with a space")
    return value


def name(value: str) -> str:
    """Accept a name: one line, at most 200 characters."""
    if len(line(value)) > 200:
        raise ValueError("must be at most 200 characters long")
    return value


def language(value: str) -> str:
    """Read a BCP 47 tag: language, perhaps script, perhaps region, perhaps variants."""
    tag = r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{5,8})*"
    if not re.fullmatch(tag, value):
        raise ValueError(f"{quoted(value)} is not a language tag; write one such as ja-JP or en-US")
    first, *rest = value.split("-")
    cased = [part.upper() if len(part) == 2 else part for part in rest]
    return "-".join([first.lower(), *cased])


def regex(value: object) -> re.Pattern[str]:
    """Compile a regular expression."""
    if not isinstance(value, str):
        raise ValueError("must be a regular expression, as text in quotes")  # noqa: TRY004 - pydantic wants a ValueError
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a doubtful expression still works
            return re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"is not a regular expression: {error}") from None


def template(value: str) -> str:
    """Accept a message template."""
    if not value.strip():
        raise ValueError("must not be empty; without it the built-in text is said")
    if wrong := template_error(value):
        raise ValueError(wrong)
    return value


def spoken(value: str) -> str:
    """Accept what a voice can say."""
    if wrong := unspeakable(value):
        raise ValueError(wrong)
    return value


def secret(value: SecretStr) -> SecretStr:
    """Accept a secret that can be sent: printable ASCII, no spaces. It is never repeated."""
    text = value.get_secret_value()
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("must be one word of printable characters")
    if re.fullmatch(r"(['\"]).*\1", text):
        raise ValueError("must be the secret alone, without quotes around it")
    if re.fullmatch(r"(AC|SK)[0-9a-fA-F]{32}", text):
        raise ValueError("must be the secret, and is an SID; both stand in the Twilio console")
    return value


def usable(value: object) -> object:
    """Refuse what could not be read, with the reason."""
    if isinstance(value, Unusable):
        raise ValueError(str(value))  # noqa: TRY004 - pydantic wants a ValueError
    return value


def file(value: object) -> Path:
    """Read a path; a relative one is meant from the folder of the configuration file."""
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("must be a path, as text in quotes")
    if value.startswith("~"):
        raise ValueError("must be a whole path: ~ is not expanded")
    return Path(value)


def program(value: object) -> Path:
    """Read the path of a program, as the kernel knows it."""
    path = file(value)
    if not path.is_absolute():
        raise ValueError("must be an absolute path such as /usr/sbin/httpd")
    return path


def command(value: object) -> tuple[str, ...]:
    """Read a program and its arguments. They are not repeated: they may hold a secret."""
    if not isinstance(value, (list, tuple)) or not value:
        raise ValueError('must be a list: the program and its arguments, as ["/bin/mail", "root"]')
    if not all(isinstance(word, str) and _passable(word) for word in value):
        raise ValueError("must hold text in quotes only")
    if not value[0] or not one_line(value[0]) or value[0].startswith("~"):
        raise ValueError("must begin with a program: a whole path, or a name found on PATH")
    return tuple(value)


def _passable(word: str) -> bool:
    """Whether the kernel would take a word as an argument."""
    return "\0" not in word and not any(unicodedata.category(char) == "Cs" for char in word)


def unit(value: str) -> str:
    """Read the name of a systemd unit; without an ending it is a service."""
    if not re.fullmatch(r"[A-Za-z0-9:_.\\@-]+", value):
        raise ValueError("must be the name of a systemd unit such as httpd.service")
    full = value if value.endswith(UNIT_KINDS) else f"{value}.service"
    if "@." in full:
        raise ValueError(
            f"is a template; name one of its instances, such as {full.replace('@.', '@1.')}"
        )
    return full


def filled(value: object) -> object:
    """Refuse an empty list where it would mean nobody or nothing."""
    if isinstance(value, (list, tuple)) and not value:
        raise ValueError("must not be empty")
    return value


def within(low: Any, high: Any = None) -> AfterValidator:
    """Accept what is at least `low`, and at most `high`."""

    def check(value: Any) -> Any:
        if value < low:
            raise ValueError(f"must be at least {_spelt(low)}")
        if high is not None and value > high:
            raise ValueError(f"must be at most {_spelt(high)}")
        return value

    return AfterValidator(check)


def _spelt(value: object) -> str:
    return spell(value) if isinstance(value, timedelta) else str(value)


def pattern(expression: str, right: str) -> AfterValidator:
    """Accept text that matches an expression. The text is not repeated: it may be a secret."""

    def matches(value: str) -> str:
        if not re.fullmatch(expression, value):
            raise ValueError(f"must be {right}")
        return value

    return AfterValidator(matches)


MS = timedelta(milliseconds=1)

Duration = Annotated[timedelta, BeforeValidator(duration)]
Positive = Annotated[Duration, within(MS)]
Interval = Annotated[Duration, within(100 * MS)]
Size = Annotated[int, BeforeValidator(size)]
Percent = Annotated[float, BeforeValidator(percent)]
Flag = Annotated[bool, BeforeValidator(flag)]
Count = Annotated[int, BeforeValidator(whole), within(0)]
Streak = Annotated[int, BeforeValidator(whole), within(1, 1_000_000)]
Line = Annotated[str, AfterValidator(line)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(filled)]
Name = Annotated[str, AfterValidator(name)]
SpokenName = Annotated[Name, AfterValidator(spoken)]
Phone = Annotated[str, BeforeValidator(phone)]
Language = Annotated[str, AfterValidator(language)]
Voice = Annotated[str, pattern("[A-Za-z0-9._-]{1,100}", "a voice such as Polly.Mizuki")]
Regex = Annotated[re.Pattern[str], BeforeValidator(regex)]
Template = Annotated[str, AfterValidator(template)]
Secret = Annotated[SecretStr, BeforeValidator(usable), AfterValidator(secret)]
File = Annotated[Path, BeforeValidator(file)]
Program = Annotated[Path, BeforeValidator(program)]
Command = Annotated[tuple[str, ...], BeforeValidator(command)]
Unit = Annotated[str, AfterValidator(unit)]
