"""What machines write is said in words; what people call things stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subjects import incident, quoting, subject
from watchcall.core.reason import Reason
from watchcall.core.speakable import MOST, aloud
from watchcall.core.speech import compose
from watchcall.core.text import compose_text
from watchcall.core.words import BUILT_IN

LANGUAGES = "en ja de es fr zh ko".split()
# A word for each sign, in the order of LANGUAGES.
DOT = "dot ドット Punkt punto point 点 점".split()
SLASH = "slash スラッシュ Slash barra barre 斜杠 슬래시".split()
AT = "at アットマーク ät arroba arobase 艾特 골뱅이".split()
EQUALS = ["equals", "イコール", "gleich", "igual a", "égale", "等于", "이퀄"]
BACKSLASH = [
    *["backslash", "バックスラッシュ", "Backslash", "barra invertida"],
    *["antislash", "反斜杠", "역슬래시"],
]
PORT = ["port", "ポート", "Port", "puerto", "sur le port", "端口", "포트"]
HEX = "hex 16進数の hexadezimal hexadecimal hexadécimal 十六进制 16진수".split()
SERVICE = "service サービス service service service service service".split()
CODE = [
    "a code that begins with 5 5 0 E",
    "5 5 0 E から始まるコード",
    "ein Code, der mit 5 5 0 E beginnt",
    "un código que empieza por 5 5 0 E",
    "un code qui commence par 5 5 0 E",
    "以 5 5 0 E 开头的代码",
    "5 5 0 E 등으로 시작하는 코드",
]
UUID = "550e8400-e29b-41d4-a716-446655440000"

# Words in < > are the language's; all else is the same in each.
SAID = [
    pytest.param(
        "/var/run/httpd.pid", "<SLASH> var <SLASH> run <SLASH> httpd <DOT> pid", id="path"
    ),
    pytest.param("db.example.com", "db <DOT> example <DOT> com", id="host name"),
    pytest.param("10.0.0.1", "10 <DOT> 0 <DOT> 0 <DOT> 1", id="address"),
    pytest.param("localhost:8080", "localhost <PORT> 8080", id="port"),
    pytest.param(
        "https://user:canary@example.com:8443/health%20check?token=canary#top",
        "example <DOT> com <PORT> 8443 <SLASH> health check",
        id="of a URL neither scheme, password nor query",
    ),
    pytest.param("see http://a.example/x, then", "see a <DOT> example <SLASH> x, then", id="URL"),
    pytest.param("httpd.service", "httpd <SERVICE>", id="unit"),
    pytest.param(
        "foo@bar.service failed", "foo <AT> bar <SERVICE> failed", id="unit of a template"
    ),
    pytest.param("admin@example.com", "admin <AT> example <DOT> com", id="mail address"),
    pytest.param("signal 0x1f", "signal <HEX> 1 F", id="hexadecimal"),
    pytest.param(f"job {UUID}", "job <CODE>", id="of a long code only the beginning"),
    pytest.param("id 1234567890", "id 1 2 3 4 5 6 7 8 9 0", id="number of billions"),
    pytest.param("python 3.11.7", "python 3 <DOT> 11 <DOT> 7", id="version"),
    pytest.param("a=b", "a <EQUALS> b", id="equals"),
    pytest.param(r"C:\temp", "C: <BACKSLASH> temp", id="backslash"),
    pytest.param("my_worker", "my worker", id="an underscore is a pause"),
    pytest.param("--workers 3 -v", "workers 3 v", id="options lose their dashes"),
    pytest.param("worker [0-9]+", "worker 0-9", id="brackets of a pattern are not said"),
    pytest.param("$.status", "<DOT> status", id="JSON path"),
    pytest.param(".bashrc", "<DOT> bashrc", id="hidden file"),
]
WORDS = {
    "DOT": DOT,
    "SLASH": SLASH,
    "AT": AT,
    "EQUALS": EQUALS,
    "BACKSLASH": BACKSLASH,
    "PORT": PORT,
    "HEX": HEX,
    "CODE": CODE,
    "SERVICE": SERVICE,
}
UNCHANGED = [
    *["httpd", "web-1", "database-backup", "exit code 127", "status 503", "3326 MB", "90%"],
    *["version 2.5", "12:55", "2026-11-28", "3/4", "e.g. this", "connection reset by peer"],
    *["It failed. Then again.", "free space: 3 - 4 (5%), or so", "don't!", "-9", "and so on..."],
    *["データベースに接続できません。", "Verbindung abgelehnt", "연결이 끊겼습니다", "[", ""],
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("written", "said"), SAID)
def test_what_a_machine_wrote_is_said_in_words(language: str, written: str, said: str) -> None:
    for name, words in WORDS.items():
        said = said.replace(f"<{name}>", words[LANGUAGES.index(language)])

    assert aloud(written, BUILT_IN[language].signs) == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", UNCHANGED)
def test_what_people_say_is_not_changed(language: str, text: str) -> None:
    assert aloud(text, BUILT_IN[language].signs) == text


@given(st.text(), st.sampled_from(LANGUAGES))
def test_whatever_a_probe_quotes_can_be_said(text: str, language: str) -> None:
    said = aloud(text, BUILT_IN[language].signs)

    assert bool(said) is bool(text)
    assert len(said) <= 20 * MOST


@given(st.text("aZ09é日 ,;!?()'\"-", max_size=40))
def test_without_signs_only_spaces_dashes_and_codes_may_change(text: str) -> None:
    said = aloud(text, BUILT_IN["en"].signs)

    if "a code" not in said:
        assert said.upper().replace(" ", "").replace("-", "") == (
            text.upper().replace(" ", "").replace("-", "")
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_keeps_the_spelling_that_a_call_turns_into_words(language: str) -> None:
    gone = incident(reason=Reason.of("process.pidfile_missing", path="/run/httpd.pid"))

    assert "/run/httpd.pid" in compose_text(subject(gone), language).body
    assert "/run/httpd.pid" in compose_text(subject(gone), language, "{reason}").body
    said = compose(subject(gone), language).text
    assert "/" not in said
    assert SLASH[LANGUAGES.index(language)] in said
    assert "/" not in compose(subject(gone), language, "{reason}").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_of_hosts_and_checks_are_spoken_as_given(language: str) -> None:
    one = incident("shop.example.com/health", reason=quoting("x"))

    said = compose(subject(one, host="web1.example.com"), language).text

    assert "shop.example.com/health" in said
    assert "web1.example.com" in said
    own = compose(subject(one, host="web1.example.com"), language, "{host} {check} {spoken}").text
    assert own == "web1.example.com shop.example.com/health shop.example.com/health"


@pytest.mark.parametrize(
    ("language", "seconds", "said"),
    [
        ("en", 1, "the answer took 1 second, the limit is 5"),
        ("en", 1.5, "the answer took 1.5 seconds, the limit is 5"),
        ("de", 1, "die Antwort dauerte 1 Sekunde, die Grenze ist 5"),
        ("es", 1, "la respuesta tardó 1 segundo, el límite es 5"),
        ("fr", 1.5, "la réponse a pris 1,5 seconde, la limite est 5"),
        ("fr", 2, "la réponse a pris 2 secondes, la limite est 5"),
        ("ja", 1, "応答に 1 秒かかりました、しきい値は 5 秒です"),
    ],
)
def test_a_noun_agrees_with_its_number(language: str, seconds: float, said: str) -> None:
    reason = Reason.of("http.latency", seconds=seconds, limit=5)

    assert BUILT_IN[language].reason(reason) == said
