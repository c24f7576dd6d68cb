"""Answers that are complete."""

from __future__ import annotations

from watchcall.init.answers import TOKEN, Answers, Offer, Person

SID = "AC" + "0" * 32
KEY_SID = "SK" + "0" * 32
FROM = "+15005550006"
KEI = Person(name="kei", phone="+819012345678", language="ja-JP")
MIA = Person(name="mia", phone="+819087654321", language="en-US")
DISK = Offer(name="disk", kind="host", target="/")
HTTPD = Offer(name="httpd", kind="unit", target="httpd.service")
WEB = Offer(name="web-80", kind="http", target="http://127.0.0.1/", owner="httpd")
SSHD = Offer(name="sshd", kind="unit", target="sshd.service", usual=False)
WHOLE = Answers(
    account_sid=SID,
    means=TOKEN,
    token="5ecre7",
    caller=FROM,
    people=(KEI,),
    more=False,
    recoveries=False,
    checks=(HTTPD, DISK),
)
