"""Whole nights through the real engine, pager and store, played by the command itself."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from tests.simulate.stage import DATE, Nights, config
from watchcall.simulate.night import Night

OUTAGE = "03:00 httpd fails\n03:20 httpd recovers\n"
TEXT = """
[[channel]]
name = "phone"
fallback = "text"
rounds = 1

[[channel]]
name = "text"
type = "sms"
default = false
"""
PROGRAMS = """
[[channel]]
name = "script"
type = "command"
command = ["/bin/false"]

[[channel]]
name = "hook"
type = "webhook"
url = "https://hooks.example.com/1"
"""
KEYS = """
[web]
listen = "127.0.0.1:9911"
public_url = "https://watch.example.com"
"""


@pytest.mark.parametrize(
    ("people", "calls"),
    [
        pytest.param("", [("me", "human")], id="one person answers, nobody else is called"),
        pytest.param("me is busy", [("me", "busy"), ("kei", "human")], id="busy: the next one"),
        pytest.param("me declines", [("me", "busy"), ("kei", "human")], id="so is who declines"),
        pytest.param(
            "me voicemail", [("me", "machine"), ("kei", "human")], id="a machine is nobody"
        ),
        pytest.param("me is off", [("me", "failed"), ("kei", "human")], id="a phone that is off"),
        pytest.param(
            "me is refused 21211", [("me", "rejected"), ("kei", "human")], id="a wrong number"
        ),
        pytest.param(
            "me does not answer", [("me", "no_answer"), ("kei", "human")], id="nobody picks up"
        ),
    ],
)
def test_who_is_called(nights: Nights, people: str, calls: list[tuple[str, str]]) -> None:
    nights.play(f"{people}\n{OUTAGE}")

    assert nights.outcomes() == calls
    assert nights.answer["summary"]["open"] == []


def test_an_outage_is_told_in_the_order_of_time(nights: Nights) -> None:
    events = nights.play("03:00 httpd fails because disk full\n03:20 recovers\n")

    assert [(one["kind"], one["what"], one["why"]) for one in events] == [
        ("timeline", "httpd fails because disk full", None),
        ("incident", "opened", "disk full"),
        ("call", "human", None),
        ("timeline", "httpd recovers", None),
        ("incident", "closed", "disk full"),
        ("quiet", None, "recoveries are not told"),
    ]
    stamps = [datetime.fromisoformat(one["at"]) for one in events]
    assert stamps == sorted(stamps)
    failed, opened, called = (at.timestamp() - stamps[0].timestamp() for at in stamps[:3])
    assert failed == 0
    assert 2 <= opened <= 7  # at most an interval of 5 s, and two more looks 1 s apart
    assert 3 <= called - opened <= 4  # group_wait, and the request


def test_nobody_answers_until_the_list_is_exhausted(nights: Nights) -> None:
    more = '\n[[channel]]\nname = "phone"\nrounds = 2\n'
    nights.play(f"nobody answers\n{OUTAGE}", config(more))

    assert nights.outcomes() == [("me", "no_answer"), ("kei", "no_answer")] * 2
    assert nights.of("page") == ["exhausted"]
    assert nights.of("undelivered") == ["no command is configured (notify.on_undelivered)"]
    assert "degraded" in nights.of("pager")


def test_the_command_for_the_undelivered_is_named_and_not_run(nights: Nights) -> None:
    proof = nights.folder / "ran"
    notify = f'on_undelivered = ["/usr/bin/touch", "{proof}"]'
    nights.play(
        f"nobody answers\n{OUTAGE}", config(TEXT.replace('fallback = "text"', ""), notify=notify)
    )

    assert nights.of("undelivered") == ["/usr/bin/touch would be run"]
    assert not proof.exists()


def test_the_fallback_stands_in(nights: Nights) -> None:
    nights.play(f"nobody answers\n{OUTAGE}", config(TEXT))

    assert nights.of("fallback") == ["channel text stands in"]
    assert nights.outcomes("text") == [("me", "delivered"), ("kei", "delivered")]


def test_a_phone_that_is_off_takes_no_text(nights: Nights) -> None:
    nights.play(f"nobody answers\nkei is off\n{OUTAGE}", config(TEXT))

    assert nights.outcomes("text") == [("me", "delivered"), ("kei", "undelivered")]


def test_what_recovers_while_it_rings_falls_silent(nights: Nights) -> None:
    nights.play("nobody answers\n03:00 httpd fails\n03:00:18 recovers\n")

    assert nights.outcomes() == [("me", "canceled")]
    assert nights.of("page") == ["it recovered before the call"]


def test_what_nobody_is_told_has_its_reason(nights: Nights) -> None:
    more = '\n[[channel]]\nname = "phone"\nlevel = "critical"\n'
    nights.play("03:00 httpd warns\n+5m recovers\n+5m unknown\n", config(more))

    assert nights.outcomes() == []
    assert ("phone", "below the channel's level") in nights.quiet
    assert ("phone", "the channel does not want this event") in nights.quiet


def test_what_the_cost_guard_holds_back_has_its_reason(nights: Nights) -> None:
    nights.play(f"me is busy\nkei is busy\n{OUTAGE}")

    assert ("phone", "held back: at most 1 within 60 s to one number") in nights.quiet


def test_who_takes_no_texts_can_be_called(nights: Nights) -> None:
    nights.play(f"me does not answer\nkei is refused 21610\n{OUTAGE}")
    assert nights.outcomes() == [("me", "no_answer"), ("kei", "human")]

    only_texts = '\n[[channel]]\nname = "text"\ntype = "sms"\n'
    nights.play(f"kei is refused 21610\n{OUTAGE}", config(only_texts))
    assert nights.outcomes("text") == [("me", "delivered"), ("kei", "rejected")]


def test_a_storm_of_twenty_failures_is_one_call(nights: Nights) -> None:
    checks = [f"web-{number}" for number in range(20)]
    text = config(checks=checks).replace('interval = "5s"', 'interval = "1s"')
    events = nights.play("03:00 web-* fails\n03:20 recovers", text)

    (call,) = (one for one in events if one["kind"] == "call")
    assert (call["what"], call["incidents"]) == ("human", list(range(1, 21)))


def test_what_a_call_could_not_tell_follows_as_a_text(nights: Nights) -> None:
    text = config(checks=("a", "b", "c")).replace('interval = "5s"', 'interval = "1s"')
    nights.play("03:00 * fails\n03:20 recovers", text)

    assert nights.outcomes() == [("me", "human")]
    assert nights.outcomes("text") == [("me", "delivered")]


def test_flapping_is_several_outages(nights: Nights) -> None:
    events = nights.play("03:00 httpd flaps 2 times every 10m")

    assert [one["what"] for one in events if one["kind"] == "incident"] == ["opened", "closed"] * 2


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        pytest.param("answers", "delivered", id="taken"),
        pytest.param("is refused 410", "rejected", id="refused"),
    ],
)
def test_programs_and_services_are_told_and_not_run(
    nights: Nights, behaviour: str, outcome: str
) -> None:
    nights.play(f"hook {behaviour}\n{OUTAGE}", config(PROGRAMS))

    assert sorted(nights.outcomes("notice")) == [("hook", outcome), ("script", "delivered")]


def test_a_service_that_is_away_is_given_it_again(nights: Nights) -> None:
    nights.play("hook is unreachable\n03:00 httpd fails\n+1m hook answers\n", config(PROGRAMS))

    assert nights.of("unplaced") == ["hook is unreachable"]
    assert ("hook", "delivered") in nights.outcomes("notice")


def test_who_acknowledges_is_called_no_more_and_nobody_else_is(nights: Nights) -> None:
    nights.play("nobody answers\n03:00 httpd fails\n03:00:20 kei acknowledges\n03:30 recovers")

    assert nights.outcomes() == [("me", "canceled")]
    assert ("acknowledged", "kei") in [
        (one["what"], one["contact"]) for one in nights.answer["events"]
    ]


def test_an_acknowledgement_ends_and_it_is_told_again(nights: Nights) -> None:
    text = config(notify='ack_timeout = "1h"')
    nights.play("03:00 httpd fails\n03:05 me acknowledges httpd\n", text, "--until", "04:10")

    assert nights.outcomes() == [("me", "human")] * 2
    assert "no longer acknowledged" in nights.of("incident")
    assert [one["acknowledged_by"] for one in nights.answer["summary"]["open"]] == [None]


def test_there_may_be_nothing_to_acknowledge(nights: Nights) -> None:
    nights.play("03:00 me acknowledges\n")

    assert nights.of("timeline") == ["me acknowledges", "nothing is open to acknowledge"]


@pytest.mark.parametrize(
    ("keys", "calls"),
    [
        pytest.param("me presses 1", [("me", "acknowledged")], id="1 acknowledges"),
        pytest.param(
            "me presses 2", [("me", "human"), ("kei", "human")], id="2 calls the next person"
        ),
    ],
)
def test_keys_are_pressed(nights: Nights, keys: str, calls: list[tuple[str, str]]) -> None:
    text = config(KEYS)
    nights.play(f"{keys}\n{OUTAGE}", text)

    assert nights.outcomes() == calls


def test_twilio_is_away_and_comes_back(nights: Nights) -> None:
    events = nights.play("02:59 twilio down\n03:00 httpd fails\n03:10 twilio up\n03:20 recovers")

    (call,) = (one for one in events if one["kind"] == "call")
    up = next(one for one in events if one["what"] == "twilio up")
    assert call["what"] == "human"
    assert call["at"] > up["at"]
    assert nights.of("unplaced") == ["cannot connect to Twilio (the timeline says that it is down)"]
    assert [one for one in nights.of("pager") if one == "down"]
    assert "WatchCall" in [one["check"] for one in events]


def test_a_reboot_forgets_nothing_and_repeats_nothing(nights: Nights) -> None:
    nights.play("03:00 httpd fails\n03:05 reboot for 2m\n03:30 recovers\n")

    assert nights.outcomes() == [("me", "human")]
    assert nights.of("incident") == ["opened", "closed"]


def test_a_call_that_a_reboot_cuts_off_is_followed_afterwards(nights: Nights) -> None:
    nights.play("me does not answer\n03:00 httpd fails\n03:00:20 reboot for 30s\n03:30 recovers\n")

    assert nights.outcomes() == [("me", "no_answer"), ("kei", "human")]


def test_what_is_silenced_is_told_when_the_silence_ends(nights: Nights) -> None:
    timeline = "02:58 silence httpd for 12m because new disks\n03:00 httpd fails\n03:20 recovers"
    nights.play(timeline)

    assert nights.outcomes() == [("me", "human")]
    (why,) = {why for channel, why in nights.quiet if why.startswith("silenced")}
    assert "by the timeline until " in why
    assert "new disks" in why
    assert 12 * 60 <= nights.after("silence", "call") <= 12 * 60 + 10


def test_the_end_of_a_silence_is_shown_by_the_clock_of_the_table(nights: Nights) -> None:
    zoned = "02:58 silence httpd for 12m\n03:00 httpd fails\n03:20 recovers"
    nights.play(zoned, zone="Asia/Tokyo")
    nights.run(str(nights.folder / "night.txt"), "--date", "2026-11-20")

    assert "until 2026-11-20 03:10" in " ".join(nights.out.split())
    assert "UTC" not in nights.out


def test_an_incident_is_over_once_though_it_is_told_later(nights: Nights) -> None:
    timeline = "03:00 httpd fails\n03:20 silence httpd for 10m\n03:22 recovers"
    nights.play(timeline, config(notify="call_on_recovery = true"))

    assert nights.of("incident") == ["opened", "closed"]
    assert len(nights.outcomes()) == 2


def test_a_call_about_many_is_followed_by_a_list_as_in_earnest(nights: Nights) -> None:
    names = ("httpd", "shop", "mail", "dns")
    wait = 'group_wait = "10s"'
    nights.play("03:00 * fails\n03:20 * recovers", config(notify=wait, checks=names))

    assert nights.outcomes() == [("me", "human")]
    assert nights.outcomes("text") == [("me", "delivered")]


def test_a_silence_can_be_taken_back(nights: Nights) -> None:
    timeline = (
        "02:58 silence http* for 2h\n03:00 httpd fails\n03:05 unsilence http*\n"
        "03:10 unsilence http*\n03:20 recovers"
    )
    nights.play(timeline)

    assert 0 <= nights.after("unsilence", "call") <= 10
    assert "there is no such silence" in nights.of("timeline")


def test_maintenance_is_planned_in_the_configuration(nights: Nights) -> None:
    window = """
[[maintenance]]
name = "backup"
checks = ["httpd"]
schedule = "0 3 * * *"
duration = "30m"
timezone = "UTC"
"""
    nights.play("2026-11-20 03:00 httpd fails\n+40m recovers", config(window), zone="UTC")

    assert [why for _, why in nights.quiet if "maintenance" in why]
    assert 29 * 60 <= nights.after("fails", "call") <= 31 * 60


def test_nobody_is_told_twice_of_what_depends_on_what_failed(nights: Nights) -> None:
    text = config(checks=("httpd", "shop")) + 'depends_on = ["httpd"]\n'
    nights.play(
        "03:00 httpd fails\n03:00 shop fails\n03:20 httpd recovers\n+0s shop recovers", text
    )

    assert nights.outcomes() == [("me", "human")]
    assert [why for _, why in nights.quiet if "it depends on httpd" in why]


def test_what_a_failure_may_hang_on_is_looked_at_at_once(nights: Nights) -> None:
    text = config(checks=("httpd",)) + 'interval = "10m"\n'
    text += '[[check]]\nname = "shop"\ntype = "process"\nprocess = "shop"\ndepends_on = ["httpd"]\n'
    nights.play(
        "03:00 httpd fails\n03:00 shop fails\n03:20 httpd recovers\n+0s shop recovers", text
    )

    assert nights.after("httpd fails", "incident") < 30
    assert nights.outcomes() == [("me", "human")]


def test_an_outage_that_nobody_owns_is_told_again(nights: Nights) -> None:
    text = config(notify='remind_every = "20m"\nmax_reminders = 2')
    nights.play("03:00 httpd fails\n", text, "--until", "05:00")

    told = [one["event"] for one in nights.answer["events"] if one["kind"] == "call"]
    assert told == ["failure", "reminder", "reminder"]
    assert [one["acknowledged_by"] for one in nights.answer["summary"]["open"]] == [None]


def test_after_a_boot_nobody_is_told_for_a_while(nights: Nights) -> None:
    nights.play(
        "03:00 reboot\n+61s httpd fails\n03:30 recovers", config(notify='boot_grace = "5m"')
    )

    assert ("phone", "the machine has just booted") in nights.quiet
    assert 5 * 60 <= nights.after("booted", "call") <= 5 * 60 + 30


EVENTFUL = """
me is busy
02:50 silence batch for 30m
03:00 httpd fails
03:00:10 shop fails
03:01 batch fails
+20m kei does not answer
+1m httpd recovers
+1m shop recovers
+5m httpd flaps 4 times every 3m
+30m reboot
+1m httpd unknown
+30m kei acknowledges
+1h httpd recovers
+1m batch recovers
"""


def test_the_looks_that_are_left_out_would_have_decided_nothing(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = config(checks=("httpd", "batch", "shop")) + 'depends_on = ["httpd"]\n'
    short = happened(nights.play(EVENTFUL, text))
    monkeypatch.setattr(Night, "_idle", lambda *_: None)

    assert short == happened(nights.play(EVENTFUL, text))


def happened(events: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    return [(one["at"][:21], one["kind"], one["what"], one["why"]) for one in events]


def test_the_same_night_is_the_same_every_time(nights: Nights) -> None:
    timeline = "me is busy\n03:00 httpd flaps 3 times\n03:01 twilio down\n+1m twilio up\n"

    assert nights.play(timeline, None, "--words") == nights.play(timeline, None, "--words")


def test_what_is_said_is_on_record(nights: Nights) -> None:
    nights.play(f"nobody answers\n{OUTAGE}", config(TEXT + PROGRAMS))
    said = {one["kind"]: one["said"] for one in nights.answer["events"] if one["said"]}

    assert said["call"].startswith("ウォッチコールです、サーバー web1 の httpd に")
    assert re.match(r"web1: httpd に障害", said["text"])
    assert said["notice"].startswith("web1: httpd failing since ")


def test_an_event_has_every_field(nights: Nights) -> None:
    events = nights.play(f"me is busy\n{OUTAGE}")

    (fields,) = {tuple(one) for one in events}
    assert {"at", "kind", "what", "why", "incidents", "channel", "contact", "said"} <= set(fields)
    assert all(one["at"].endswith("+00:00") for one in events)


ASLEEP = 'quiet_hours = { from = "22:00", to = "07:00", timezone = "UTC" }\n'


def test_who_sleeps_is_left_alone_and_told_in_the_morning(nights: Nights) -> None:
    text = config().replace('language = "ja-JP"\n', f'language = "ja-JP"\n{ASLEEP}')
    nights.play("me does not answer\n23:00 httpd fails", text, zone="UTC")
    assert ("phone", "quiet hours of kei until 07:00") in nights.quiet

    asleep = text.replace('name = "me"\n', f'name = "me"\n{ASLEEP}')
    events = nights.play("23:00 httpd fails", asleep, zone="UTC")
    (first, *_) = (one["at"] for one in events if one["kind"] == "call")
    assert first.startswith("2026-11-21T07:00:")


def test_a_night_without_twilio_comes_to_an_end(nights: Nights) -> None:
    nights.play("twilio down\n03:00 httpd fails", zone="UTC")

    assert nights.answer["until"].startswith(f"{DATE}T04:00")
    assert nights.outcomes() == [("me", "pending")]
