"""What a test call says, in Japanese; what Twilio says of it stays as it is."""

from __future__ import annotations

import re

from watchcall.core.refusal import meaning
from watchcall.init.words import doctor_ja
from watchcall.init.words.sentences import said

GEO = meaning(21215).remedy  # the country is not allowed, of which doctor says the same
OUTCOMES = {
    "acknowledged": "電話に出て、確認のキーを押しました",
    "human": "電話に出ました",
    "answered": "電話に出ました",
    "machine": "留守番電話につながりました",
    "busy": "話し中でした",
    "no_answer": "応答がありませんでした",
    "canceled": "取り消されました",
    "failed": "つながりませんでした",
    "rejected": "Twilio に拒否されました",
    "uncertain": "電話をかけられたかどうか分かりません",
    "stuck": "終わらないので打ち切りました",
}
TIMES = {
    "rang after": "呼び出しまで",
    "answered after": "応答まで",
    "talked for": "通話",
}
RESULT = re.compile(rf"(.+): ({'|'.join(OUTCOMES)})((?:, (?:{'|'.join(TIMES)}) [\d.e+]+ s)*)")
WHO = {"{name} ({number})": "{name}（{number}）"}
LABELS = {"remedy": "対処", "note": "注意"}
SENTENCES = {
    # how it goes
    "calling {name} at {number}": "{name}（{number}）に電話をかけています",
    "Twilio took the call ({sid})": "Twilio が受け付けました（{sid}）",
    "it rings": "呼び出しています",
    "it was answered": "相手が出ました",
    "the call was taken back": "電話を取り消しました",
    "call {sid} cannot be taken back: {why}": "電話 {sid} を取り消せません: {why}",
    "the phone may ring, and nobody can stop it: {why}": (
        "電話が鳴るかもしれず、止めることができません: {why}"
    ),
    "call {id} to {name} is under way; try again when it has ended": (
        "{name} への電話（{id}）がかかっているところです。終わってからもう一度試してください"
    ),
    "it came to no end in time, and cannot be taken back: {why}": (
        "時間内に終わらず、取り消すこともできません: {why}"
    ),
    "it came to no end in time": "時間内に終わりませんでした",
    # what helps
    "check this server's way out to Twilio, and twilio.api_url": (
        "このサーバーから Twilio への通信と、twilio.api_url を確認してください"
    ),
    "the phone may ring nonetheless; the Twilio console lists every call": (
        "それでも電話が鳴るかもしれません。Twilio コンソールで、すべての電話の記録を見られます"
    ),
    "this is a trial account: Twilio's own announcement comes first, and what WatchCall says is "
    "said only after a key was pressed, so this call proves nothing about being heard; upgrade "
    "the account in the Twilio console": (
        "トライアルアカウントです。最初に Twilio の案内が流れ、キーを押すまで WatchCall の声は流れ"
        "ません。この電話では、聞こえたかどうかは確かめられません。Twilio コンソールでアカウントを"
        "アップグレードしてください"
    ),
    "check twilio.account_sid and the token in the Twilio console": (
        "twilio.account_sid とトークンを Twilio コンソールで確認してください"
    ),
    "check the contact's phone number": "連絡先の電話番号を確認してください",
    GEO: doctor_ja.SENTENCES[GEO],
    "set twilio.from to a number that the account owns and that can make calls": (
        "twilio.from を、アカウントの、電話をかけられる番号にしてください"
    ),
    "verify the number in the Twilio console, or upgrade the trial account": (
        "この番号を Twilio コンソールで認証するか、トライアルアカウントをアップグレードしてください"
    ),
    "check the channel's message, language and voice": (
        "チャネルの message、language、voice を確認してください"
    ),
    "Twilio blocks this number; ask Twilio's support": (
        "Twilio がこの番号を止めています。Twilio のサポートに問い合わせてください"
    ),
    "wait; Twilio is asked too often": (
        "しばらく待ってください。Twilio への問い合わせが多すぎます"
    ),
    "wait; Twilio has trouble": "しばらく待ってください。Twilio に障害があります",
    "the account is suspended or closed; top it up or ask Twilio's support": (
        "アカウントが停止または閉鎖されています。残高を追加するか、Twilio のサポートに問い合わせて"
        "ください"
    ),
    "the person has answered STOP; they must text START": (
        "相手が STOP と返信しています。START と SMS を送ってもらってください"
    ),
    "the caller's reputation keeps the call out; ask Twilio's support": (
        "発信番号の評価のために電話が届きません。Twilio のサポートに問い合わせてください"
    ),
    "the phone is off or cannot receive texts; call instead": (
        "電源が切れているか、SMS を受け取れない電話です。代わりに電話をかけてください"
    ),
    "the carrier filters or blocks texts to this number": (
        "この番号への SMS は、通信事業者に止められています"
    ),
    "check twiml_url, status_callback and web.public_url": (
        "twiml_url、status_callback、web.public_url を確認してください"
    ),
    "look the code up at https://www.twilio.com/docs/api/errors": (
        "コードの意味は https://www.twilio.com/docs/api/errors で調べられます"
    ),
}


def in_japanese(line: str) -> str:
    """Return a line that a test call prints as it is shown."""
    if found := RESULT.fullmatch(line):
        who, outcome, times = found.groups()
        return f"{said(who, WHO)}: {OUTCOMES[outcome]}{_times(times)}"
    label, colon, text = line.partition(": ")
    if colon and label in LABELS:
        return f"{LABELS[label]}: {said(text, SENTENCES)}"
    if colon and label.partition(" ")[0] == "error":
        return f"エラー{label.removeprefix('error')}: {said(text, SENTENCES)}"
    return said(line, SENTENCES)


def _times(text: str) -> str:
    """`, rang after 3 s, talked for 8 s`"""
    parts = (part.removesuffix(" s").rpartition(" ") for part in text.split(", ")[1:])
    shown = "、".join(f"{TIMES[what]} {seconds} 秒" for what, _, seconds in parts)
    return f"（{shown}）" if shown else ""
