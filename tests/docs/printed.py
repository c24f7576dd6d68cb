"""What each measurement prints on a small scale; numbers may be others, … may be anything."""

from __future__ import annotations

ROW = "2 1.0 1.0 1.0 1.0"
ONE = "1 1.0 1.0 1.0"
TABLE = "n median p99 max ratio"
KILLED = f"WatchCall {ROW}\nfloor: pidfd and http.client {ROW}"
PRINTED = {
    "latency": f"""\
kill -9 to POST (ms)
{TABLE}
{KILLED}
a web server's end to POST (ms)
{TABLE}
{KILLED}
kill -9 to POST, 2 hung endpoints beside (ms)
{TABLE}
{KILLED}
a web server's end to POST, 2 hung endpoints beside (ms)
{TABLE}
{KILLED}
""",
    "idle": f"""\
resident memory (MiB)
{TABLE}
WatchCall, ten checks every 1s {ONE}
WatchCall, ten checks every 30s {ONE}
floor: asyncio asleep {ONE}
CPU (% of one core)
{TABLE}
WatchCall, ten checks every 1s {ONE}
WatchCall, ten checks every 30s {ONE}
floor: asyncio asleep {ONE}
""",
    "status": f"""\
watchcall status (ms)
{TABLE}
watchcall status {ROW}
floor: python -c pass {ROW}
""",
    "start": f"""\
start to look (ms)
{TABLE}
first look {ROW}
tenth look {ROW}
floor: Python sends a request {ROW}
""",
    "tls": "".join(
        f"""\
{title}
{TABLE}
certificates read for it {ROW}
certificates known {ROW}
connected beforehand {ROW}
without TLS, connected {ROW}
"""
        for title in ("a POST and its reply (ms)", "its CPU (ms)")
    ),
    "checks": """\
HTTP checks every 1 s, over 3 s (lags in ms, RSS in MiB)
checks looks expected ms CPU floor ratio core % lag p50 p99 max RSS late shed calls
2 6 6 0.1 0.1 1.0 1.0 0.1 0.1 0.1 72.1 0 0 0
10 30 30 0.1 0.1 1.0 1.0 0.1 0.1 0.1 72.1 0 0 0
50 150 150 0.1 0.1 1.0 1.0 0.1 0.1 0.1 72.1 0 0 0
""",
    "processes": """\
process checks every 1 s, over 3 s
checks of ms a round core % RSS calls
1 2 1.0 1.0 65.1 0
1 20 1.0 1.0 65.1 0
2 20 1.0 1.0 65.1 0
5 20 1.0 1.0 65.1 0
""",
    "peers": "HTTP checks every 1 s, over 3 s (PSS in MiB)\n"
    "checks looks expected ms CPU core % PSS CPU ratio PSS ratio\n"
    + "".join(
        f"{name} {size} {3 * size} {3 * size} 1.0 1.0 56.1 …\n"
        for size in (2, 10)
        for name in ("WatchCall", "monit", "Prometheus, blackbox", "Nagios", "Icinga 2")
    ),
    "storm": """\
kill -9 storm, 20 kills in 4 s, --seed 11
while starting: opening and reading the database 1 5.0%
before the commit: a decision was being committed 1 5.0%
before the POST: its intent was being committed 1 5.0%
posting: the request was under way 1 5.0%
posting: the reply was here and not committed 1 5.0%
looking for a lost call 1 5.0%
placed: a call rang or was listened to 1 5.0%
idle 1 5.0%
kills that interrupted an attempt 1
attempts between POST and its commit 1
fork to serving again, median, p95 66 ms 81 ms
outages that began 1
incidents confirmed 1
over while people were still called; the longest 1 27.0 s
calls placed; answered 1 1
attempts that stayed uncertain: never found 1
calls to a number that another call was using 0
incidents given to on_undelivered 0
incidents written twice 0
calls that two attempts took for theirs 0
pages left unsettled 0
LOST 0
REPEATED calls, the one before unknown to the store 0
REPEATED calls, the one before known 0
incidents in them; the same one at most 0 0
""",
    "ladder": f"""\
ladder, 2 nights each, --seed 1
next person (ms)
n median p95 max ratio
polled: busy to next POST {ROW}
until we asked {ROW}
ours {ROW}
with callbacks: busy to next POST {ROW}
until we asked {ROW}
ours {ROW}
floor: one bare POST {ROW}
""",
    "mass": """\
10 incidents at once (s, MiB; ratio of a decision to a bare commit)
opened decided a second ratio 1st POST POSTs a second closest settled pages RSS peak
one phone 10 0.14 74 3.1 0.38 1 … … 6.5 1 60.0 62.0
one phone, group_wait 0 10 0.14 74 3.1 0.38 1 … … 6.5 1 60.0 62.0
2 phones 10 0.14 74 3.1 0.38 1 … … 6.5 1 60.0 62.0
one SMS channel 10 0.14 74 3.1 0.38 1 … … 6.5 1 60.0 62.0
one SMS channel, group_wait 0 10 0.14 74 3.1 0.38 1 … … 6.5 1 60.0 62.0
""",
}
