"""`watchcall simulator`: a Twilio on this machine, to rehearse with."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from watchcall.cli import streams
from watchcall.errors import ConfigError

if TYPE_CHECKING:
    from watchcall.simulator.api import Account
    from watchcall.simulator.simulator import Simulator

EXAMPLE = "watchcall simulator --script phones.toml --ledger calls.jsonl"
LISTEN = "127.0.0.1:8129"
ENVIRONMENT = """\
environment, where no option is given:
  WATCHCALL_SIMULATOR_ACCOUNT_SID      AC and 32 hexadecimal digits
  WATCHCALL_SIMULATOR_AUTH_TOKEN       the account's token
  WATCHCALL_SIMULATOR_API_KEY_SID      an API key that is accepted besides
  WATCHCALL_SIMULATOR_API_KEY_SECRET   and its secret
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The script's format is part of the help: it is what the command is about."""
    from watchcall.simulator import script

    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = f"{parser.epilog}\n\n{ENVIRONMENT}\nthe script: {_lowered(script.__doc__)}"
    parser.add_argument(
        "--listen",
        type=_address,
        default=LISTEN,
        metavar="HOST:PORT",
        help=f"a loopback address, port 0 is any free one (default {LISTEN})",
    )
    parser.add_argument("--script", type=Path, metavar="FILE", help="what the phones do")
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="append everything that happens, as JSON lines"
    )
    parser.add_argument(
        "--speed", type=_speed, metavar="N", help="phones live N times faster (see the script)"
    )
    parser.add_argument("--account-sid", metavar="SID", help="default: AC and 32 zeros")
    parser.add_argument("--auth-token", metavar="TOKEN", help='default: "simulator"')
    parser.add_argument("--api-key-sid", metavar="SID", help="an API key that is accepted besides")
    parser.add_argument("--api-key-secret", metavar="SECRET", help="and its secret")
    parser.add_argument("--plain", action="store_true", help="lines of text, also on a terminal")


def run(args: argparse.Namespace) -> int:
    from watchcall.simulator.simulator import Simulator

    host, port = args.listen
    simulator = Simulator(
        args.script,
        host=host,
        port=port,
        account=_account(args),
        ledger=args.ledger,
        speed=args.speed,
    )
    asyncio.run(_serve(simulator, args.script, plain=args.plain or not _fancy()))
    return 0


async def _serve(simulator: Simulator, script: Path | None, *, plain: bool) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP reads the script again."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _reread, simulator, script)
    async with simulator:
        _print(_greeting(simulator))
        view = asyncio.create_task(_view(simulator, plain=plain))
        await stop.wait()
        view.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await view


def _reread(simulator: Simulator, script: Path | None) -> None:
    """A wrong script changes nothing; the ledger and the views say what is wrong with it."""
    with contextlib.suppress(ConfigError):
        simulator.rescript(script or {})


async def _view(simulator: Simulator, *, plain: bool) -> None:
    if plain:
        from watchcall.simulator.plain import Transcript

        simulator.book.listeners.append(Transcript(_print))
        return
    from rich.console import Console

    from watchcall.simulator.live import Stage

    await Stage(simulator, Console()).show()


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except OSError:
        # Whoever read this is gone (`| head`), or full; the phones ring nonetheless.
        streams.discard(sys.stdout)


def _greeting(simulator: Simulator) -> str:
    account = simulator.account
    known = account.token == type(account)().token
    token = account.token if known else "the token you gave"
    return f"""\
listening on {simulator.url}

config.toml, readable by you alone (chmod 600):

    [twilio]
    api_url = "{simulator.url}"
    account_sid = "{account.sid}"
    auth_token = "{token}"
    from = "+15005550006"
"""


def _account(args: argparse.Namespace) -> Account:
    from watchcall.simulator.api import Account

    names = {
        "sid": "account_sid",
        "token": "auth_token",
        "api_key_sid": "api_key_sid",
        "api_key_secret": "api_key_secret",
    }
    given = {
        field: getattr(args, name) or os.environ.get(f"WATCHCALL_SIMULATOR_{name.upper()}")
        for field, name in names.items()
    }
    return Account(**{field: value for field, value in given.items() if value})


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise argparse.ArgumentTypeError(f"{text!r}: not a loopback address such as {LISTEN}")
    if not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r}: not a port")
    return host, int(port)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: must be a number above 0")
    return speed


def _fancy() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _lowered(text: str | None) -> str:
    text = text or ""
    return text[:1].lower() + text[1:]
