"""A floor under a look: bare transfers by libcurl, as many a second, and nothing else.

`python -m bench.floor PORT RATE SECONDS` prints the seconds of CPU that a transfer costs.
"""

from __future__ import annotations

import subprocess
import sys
import time

import pycurl

TURN_S = 0.1  # as far apart as the daemon's slots


def measured(port: int, rate: float, seconds: float) -> float:
    """Return the seconds of CPU of one transfer, measured in a process of its own."""
    program = [sys.executable, "-m", "bench.floor", str(port), str(rate), str(seconds)]
    return float(subprocess.run(program, check=True, capture_output=True, text=True).stdout)


def _run(port: int, rate: float, seconds: float) -> float:
    multi = pycurl.CurlMulti()
    url = f"http://127.0.0.1:{port}/floor"
    began, before, done = time.monotonic(), time.process_time(), 0
    while (now := time.monotonic() - began) < seconds:
        wanted = int(now * rate) - done
        curls = [_prepared(url) for _ in range(wanted)]
        for curl in curls:
            multi.add_handle(curl)
        left = wanted
        while left:
            left = multi.perform()[1]
            if left:
                multi.select(1.0)
        for curl in curls:
            multi.remove_handle(curl)
            curl.close()
        done += wanted
        time.sleep(max(0.0, TURN_S - (time.monotonic() - began - now)))
    return (time.process_time() - before) / max(1, done)


def _prepared(url: str) -> pycurl.Curl:
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.FRESH_CONNECT, True)
    curl.setopt(pycurl.FORBID_REUSE, True)
    curl.setopt(pycurl.NOSIGNAL, True)
    curl.setopt(pycurl.WRITEFUNCTION, len)
    curl.setopt(pycurl.HEADERFUNCTION, lambda _line: None)
    return curl


if __name__ == "__main__":
    print(_run(int(sys.argv[1]), *map(float, sys.argv[2:])))
