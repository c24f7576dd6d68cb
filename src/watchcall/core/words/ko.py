"""Korean."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

UNITS = {"second": "초", "minute": "분", "hour": "시간", "day": "일"}


def _sentence(phrase: str) -> str:
    return f"{phrase}."


def _clock(at: datetime, now: datetime) -> str:
    """The hour from noon on is "낮 12시": "오후 12시" is understood both ways."""
    half = "오전" if at.hour < 12 else "낮" if at.hour == 12 else "오후"
    hour = at.hour - 12 if at.hour > 12 else at.hour
    spoken = f"{half} {hour}시{f' {at.minute}분' if at.minute else ''}"
    return spoken if at.date() == now.date() else f"{at.month}월 {at.day}일 {spoken}"


def _written(at: datetime, now: datetime) -> str:
    clock = f"{at:%H:%M}"
    return clock if at.date() == now.date() else f"{at.month}월 {at.day}일 {clock}"


def _lasted(duration: timedelta) -> str:
    return " ".join(f"{number}{UNITS[unit]}" for number, unit in grammar.parts(duration))


# Particles that depend on the sound before them (이/가, 은/는, 을/를) never follow a field.
KOREAN = Language(
    tag="ko",
    failing={
        Level.CRITICAL: "WatchCall입니다, 서버 {host}의 {check}에 {since}부터 장애가 발생했습니다.",
        Level.WARNING: "WatchCall입니다, 서버 {host}의 {check}에 {since}부터 경고가 있습니다.",
        Level.UNKNOWN: (
            "WatchCall입니다, 서버 {host}의 {check} 상태를 {since}부터 확인할 수 없습니다."
        ),
    },
    worsened=(
        "WatchCall입니다, 서버 {host}의 {check} 상태가 악화되어 {rose}부터 심각한 장애입니다. "
        "이상은 {since}에 시작되었습니다."
    ),
    several={
        Level.CRITICAL: (
            "WatchCall입니다, 서버 {host}에서 장애 {count}건이 발생했습니다. {checks}입니다."
        ),
        Level.WARNING: "WatchCall입니다, 서버 {host}에 경고 {count}건이 있습니다. {checks}입니다.",
        Level.UNKNOWN: (
            "WatchCall입니다, 서버 {host}에서 {count}건을 확인할 수 없습니다. {checks}입니다."
        ),
    },
    each="{check} 항목은 {since}부터입니다. {reason}.",
    others="그 외 {count}건",
    still={
        Level.CRITICAL: (
            "WatchCall입니다, 서버 {host}의 {check} 장애가 {since}부터 {duration}째 계속되고 "
            "있으며, 아직 담당자가 없습니다."
        ),
        Level.WARNING: (
            "WatchCall입니다, 서버 {host}의 {check} 경고가 {since}부터 {duration}째 계속되고 "
            "있으며, 아직 담당자가 없습니다."
        ),
        Level.UNKNOWN: (
            "WatchCall입니다, 서버 {host}의 {check} 상태를 {since}부터 {duration}째 확인할 수 "
            "없으며, 아직 담당자가 없습니다."
        ),
    },
    still_several=(
        "WatchCall입니다, 서버 {host}에서 이상 {count}건이 계속되고 있으며, 아직 담당자가 "
        "없습니다. {checks}입니다."
    ),
    unstable=(
        "WatchCall입니다, 서버 {host}의 {check} 상태가 불안정하여 장애와 복구를 반복하고 있으며, "
        "마지막 장애는 {since}에 발생했습니다."
    ),
    unstable_several=(
        "WatchCall입니다, 서버 {host}에서 {count}건이 불안정하여 장애와 복구를 반복하고 있습니다. "
        "{checks}입니다."
    ),
    at_rest="현재는 정상입니다.",
    quiet_until=(
        "정상 상태가 {stable} 동안 이어질 때까지 알림을 멈춥니다. 다만 심각한 장애가 {lasting} "
        "동안 계속되면 알려 드립니다."
    ),
    recovered=(
        "WatchCall입니다, 서버 {host}의 {check} 장애가 {until}에 복구되었습니다. "
        "장애 지속 시간: {duration}."
    ),
    all_recovered=(
        "WatchCall입니다, 서버 {host}에서 장애 {count}건이 복구되었습니다. {checks}입니다."
    ),
    own_trouble=(
        "서버 {host}의 WatchCall입니다, {since}부터 WatchCall 자체에 문제가 있습니다. {reason}."
    ),
    own_recovered=(
        "서버 {host}의 WatchCall입니다, WatchCall 자체의 문제가 {until}에 해결되었습니다. "
        "지속 시간: {duration}."
    ),
    press_keys=(
        "확인하셨으면 1번, 다음 담당자에게 넘기시려면 2번, 다시 들으시려면 별표를 눌러 주세요."
    ),
    call_back="이 번호로 다시 전화하시면 확인 처리됩니다.",
    acknowledged="감사합니다. {check} 장애를 확인 처리했습니다.",
    all_acknowledged="감사합니다. {count}건을 모두 확인 처리했습니다.",
    passed="다음 담당자에게 연락하겠습니다.",
    not_understood="입력을 인식하지 못했습니다.",
    too_late="이미 종료된 건입니다.",
    test="서버 {host}의 WatchCall에서 거는 시험 전화입니다. 장애는 없습니다.",
    stopped=(
        "서버 {host}의 WatchCall이 중지되었습니다. 누군가 다시 시작할 때까지 아무것도 감시되지 "
        "않으며, 장애가 발생해도 전화가 걸리지 않습니다."
    ),
    misconfigured="설정에 오류가 있습니다.",
    between=" ",
    again="다시 말씀드립니다.",
    repeated="이미 들으신 안내일 수 있습니다.",
    levels={
        Level.OK: "정상",
        Level.WARNING: "경고",
        Level.CRITICAL: "장애",
        Level.UNKNOWN: "알 수 없음",
    },
    reasons={
        "none_yet": "아직 확인하지 않았습니다",
        "text": "{text}",
        "check.removed": "이 점검은 설정에서 삭제되었습니다",
        "check.changed": "이 점검의 대상이 변경되었습니다",
        "look.timeout": "{seconds}초 안에 점검이 끝나지 않았습니다",
        "look.crashed": "점검 자체가 실패했습니다: {error}",
        "look.halted": "점검하는 동안 WatchCall 또는 이 서버가 멈춰 있었습니다",
        "look.too_hard": "{text} 검색이 너무 오래 걸립니다",
        "look.late": "WatchCall 자체가 {seconds}초 늦어 측정할 수 없었습니다",
        "look.left_out": "WatchCall이 점검할 여유가 없었습니다",
        "process.running": "{name} 프로세스 {count}개가 실행 중입니다",
        "process.none": "이름이 {name}인 프로세스가 실행 중이 아닙니다",
        "process.none_like": "{name}에 해당하는 프로세스가 실행 중이 아닙니다",
        "process.none_of": "{name}의 프로세스가 실행 중이 아닙니다",
        "process.none.last": (
            "이름이 {name}인 프로세스가 실행 중이 아닙니다. 마지막 PID {pid}번은 {ago} 전에 "
            "실행 중이었습니다"
        ),
        "process.none_like.last": (
            "{name}에 해당하는 프로세스가 실행 중이 아닙니다. 마지막 PID {pid}번은 {ago} 전에 "
            "실행 중이었습니다"
        ),
        "process.none_of.last": (
            "{name}의 프로세스가 실행 중이 아닙니다. 마지막 PID {pid}번은 {ago} 전에 "
            "실행 중이었습니다"
        ),
        "process.too_few": "{name} 프로세스가 {count}개뿐입니다. 최소 {min}개가 필요합니다",
        "process.too_many": "{name} 프로세스가 {count}개입니다. 최대 {max}개까지 허용됩니다",
        "process.zombie": "{name} 프로세스가 종료되어 좀비 {count}개만 남았습니다",
        "process.memory": "{name}의 메모리 사용량이 {used}메가바이트입니다. 한도는 {limit}입니다",
        "process.cpu": "{name}의 CPU 사용률이 {percent}퍼센트입니다. 한도는 {limit}퍼센트입니다",
        "process.pidfile_missing": "{path} 경로에 PID 파일이 없습니다",
        "process.pidfile_dead": "PID 파일 {path}의 프로세스 {pid}번이 실행 중이 아닙니다",
        "process.pidfile_other": "PID 파일 {path}의 프로세스 {pid}번은 다른 프로그램입니다",
        "process.pidfile_unreadable": "PID 파일 {path}에 접근할 수 없습니다: {error}",
        "process.pidfile_no_number": "PID 파일 {path}에 프로세스 번호가 없습니다",
        "process.no_user": "이 서버에 {user} 사용자가 없습니다",
        "process.hidden": "WatchCall에 다른 사용자의 프로세스를 볼 권한이 없습니다",
        "process.unreadable": "{name}: 권한이 없어 확인할 수 없는 프로세스가 {count}개 있습니다",
        "process.cannot_look": "프로세스 목록을 읽을 수 없습니다: {error}",
        "unit.active": "{unit} 유닛이 실행 중입니다",
        "unit.starting": "{unit} 유닛이 시작되고 있습니다",
        "unit.starting_long": "{unit} 유닛의 시작이 너무 오래 걸립니다",
        "unit.stopping": "{unit} 유닛이 중지되고 있습니다",
        "unit.stopping_long": "{unit} 유닛의 중지가 너무 오래 걸립니다",
        "unit.ended": "{unit} 유닛이 종료되어 systemd가 곧 다시 시작합니다",
        "unit.ended_long": "{unit} 유닛이 종료되었고 systemd가 아직 다시 시작하지 않았습니다",
        "unit.again": "{unit} 유닛이 종료되어 systemd가 방금 다시 시작했습니다",
        "unit.loop": "{unit} 유닛이 종료를 되풀이하여 systemd가 매번 다시 시작하고 있습니다",
        "unit.stopped": "{unit} 유닛이 중지되어 있습니다",
        "unit.failed": "{unit} 유닛이 실패했습니다",
        "unit.exit_code": "{unit} 유닛이 종료 코드 {status}번으로 실패했습니다",
        "unit.signal": "{unit} 유닛이 {signal} 신호로 종료되었습니다",
        "unit.core_dump": "{unit} 유닛이 비정상 종료되었습니다",
        "unit.oom_kill": "{unit} 유닛이 메모리 부족으로 강제 종료되었습니다",
        "unit.watchdog": "{unit} 유닛이 응답하지 않아 systemd가 종료했습니다",
        "unit.timeout": "{unit} 유닛이 제시간에 시작되거나 중지되지 않았습니다",
        "unit.start_limit": "{unit} 유닛이 너무 자주 실패하여 systemd가 더 이상 시작하지 않습니다",
        "unit.resources": "{unit} 유닛은 시스템 자원이 부족하여 시작하지 못했습니다",
        "unit.masked": "{unit} 유닛은 마스크되어 있어 시작할 수 없습니다",
        "unit.broken": "{unit} 유닛의 유닛 파일을 사용할 수 없습니다",
        "unit.missing": "systemd에 {unit} 유닛이 없습니다",
        "unit.cannot_look": "systemd에 물어볼 수 없습니다: {error}",
        "http.ok": "상태 코드 {status}, {ms}밀리초 만에 응답했습니다",
        "http.found": "응답 내용이 정상입니다",
        "http.status": "상태 코드 {status}번으로 응답했습니다",
        "http.lacks": "응답에 다음 내용이 없습니다: {text}",
        "http.contains": "응답에 다음 내용이 있습니다: {text}",
        "http.unmatched": "응답이 다음 패턴과 일치하지 않습니다: {pattern}",
        "http.body_limit": "응답의 처음 {limit}바이트만으로는 판단할 수 없습니다",
        "http.json_invalid": "응답이 JSON이 아닙니다",
        "http.json_deep": "응답의 JSON 단계가 너무 깊습니다",
        "http.json_missing": "응답의 {path}에 값이 없습니다",
        "http.json_differs": "{path}의 값이 다릅니다. 현재 값: {saw}, 기대한 값: {wanted}",
        "http.json_path": "JSON 경로 {path}에 오류가 있습니다: {error}",
        "http.latency": "응답에 {seconds}초가 걸렸습니다. 한도는 {limit}초입니다",
        "http.certificate.days": "인증서가 {days}일 후에 만료됩니다",
        "http.certificate.hours": "인증서가 {hours}시간 후에 만료됩니다",
        "http.certificate.expired": "인증서가 만료되었습니다",
        "http.no_certificate": "암호화되지 않은 연결이라 확인할 인증서가 없습니다",
        "http.dns": "{host}의 주소를 찾을 수 없습니다",
        "http.no_address": "{host}에 IP 버전 {version} 주소가 없습니다",
        "http.refused": "{host} 서버가 포트 {port}번 연결을 거부했습니다",
        "http.no_connection": "{host} 포트 {port}번에 연결할 수 없습니다: {error}",
        "http.timeout.dns": "{seconds}초 안에 이름의 주소를 찾지 못했습니다",
        "http.timeout.connect": "{seconds}초 안에 연결되지 않았습니다",
        "http.timeout.tls": "{seconds}초 안에 TLS 연결이 이루어지지 않았습니다",
        "http.timeout.first_byte": "{seconds}초 안에 응답이 없었습니다",
        "http.timeout.reading": "{seconds}초 안에 응답을 모두 받지 못했습니다",
        "http.tls.expired": "인증서가 만료되었습니다",
        "http.tls.not_yet_valid": "인증서가 아직 유효하지 않습니다",
        "http.tls.self_signed": "자체 서명된 인증서입니다",
        "http.tls.untrusted": "인증서의 발급 기관을 신뢰할 수 없습니다",
        "http.tls.wrong_name": "인증서의 이름이 {host}에 맞지 않습니다",
        "http.tls.failed": "암호화된 연결에 실패했습니다: {error}",
        "http.empty": "응답 없이 연결이 끊겼습니다",
        "http.cut": "응답이 {bytes}바이트에서 끊겼습니다",
        "http.broken": "연결이 도중에 끊겼습니다: {error}",
        "http.garbage": "올바른 HTTP 응답이 아닙니다: {error}",
        "http.header_too_long": "응답의 헤더가 너무 깁니다",
        "http.redirects": "리디렉션이 {count}회를 넘었습니다",
        "http.redirect_invalid": "리디렉션 주소가 올바르지 않습니다: {url}",
        "http.proxy": "프록시를 사용할 수 없습니다: {error}",
        "http.lookups": "이름 {count}개의 주소를 이미 찾고 있습니다",
        "http.descriptors": "WatchCall에서 파일을 더 열 수 없습니다",
        "http.file_unreadable": "파일 {path}에 접근할 수 없습니다: {error}",
        "http.file_no_secret": "파일 {path}에 사용할 수 있는 인증 정보가 없습니다",
        "http.cannot_look": "요청을 보낼 수 없었습니다: {error}",
        "tcp.ok": "{host} 포트 {port}번에 {ms}밀리초 만에 연결되었습니다",
        "tcp.latency": "연결에 {seconds}초가 걸렸습니다. 한도는 {limit}초입니다",
        "tcp.closed": "연결이 끊겼고, 받은 내용이 다음 패턴과 일치하지 않습니다: {pattern}",
        "tcp.timeout.expected": (
            "{seconds}초 안에 받은 내용이 다음 패턴과 일치하지 않습니다: {pattern}"
        ),
        "tcp.cannot_look": "연결을 시도할 수 없었습니다: {error}",
        "command.timeout": "{name} 명령이 {seconds}초 안에 끝나지 않았습니다",
        "command.signal": "{name} 명령이 {signal} 신호로 종료되었습니다",
        "command.exit": "{name} 명령이 종료 코드 {status}번으로 끝났습니다",
        "command.exit_said": "{name} 명령이 종료 코드 {status}번으로 끝났습니다: {text}",
        "command.cannot_run": "{name} 명령을 실행할 수 없습니다: {error}",
        "command.still_there": "지난번 {name} 명령이 아직 실행 중이며 종료할 수 없습니다",
        "host.load.ok": "코어당 부하가 {percent}퍼센트입니다",
        "host.load": "코어당 부하가 {percent}퍼센트입니다. 한도는 {limit}퍼센트입니다",
        "host.memory_used.ok": "메모리 사용률이 {percent}퍼센트입니다",
        "host.memory_used": "메모리 사용률이 {percent}퍼센트입니다. 한도는 {limit}퍼센트입니다",
        "host.swap_used.ok": "스왑 사용률이 {percent}퍼센트입니다",
        "host.swap_used": "스왑 사용률이 {percent}퍼센트입니다. 한도는 {limit}퍼센트입니다",
        "host.disk_used.ok": "{path} 디스크 사용률이 {percent}퍼센트입니다",
        "host.disk_used": (
            "{path} 디스크 사용률이 {percent}퍼센트입니다. 한도는 {limit}퍼센트입니다"
        ),
        "host.disk_hangs": "{path} 디스크에서 {seconds}초 안에 응답이 없었습니다",
        "host.no_path": "{path} 경로가 없어 디스크를 확인할 수 없습니다",
        "host.cannot_look": "서버 상태를 읽을 수 없습니다: {error}",
        "evidence.oom": "메모리 부족으로 OOM 킬러가 강제 종료했습니다",
        "evidence.oom_one": "메모리 부족으로 OOM 킬러가 프로세스 하나를 강제 종료했습니다",
        "evidence.status": "종료 상태 {status}번으로 종료되었습니다",
        "evidence.signal": "시그널 {signal}번으로 강제 종료되었습니다",
        "evidence.crash": "시그널 {signal}번으로 비정상 종료되었습니다",
        "evidence.start_limit": "서비스의 시작 횟수가 한도에 도달했습니다",
        "evidence.timeout": "서비스의 시작 또는 중지가 너무 오래 걸렸습니다",
        "evidence.watchdog": "서비스가 워치독에 응답하지 않았습니다",
        "evidence.ended": "오류 없이 종료되었습니다",
        "self.unreachable": "Twilio에 연결할 수 없습니다",
        "self.credentials": "Twilio 인증에 실패했습니다",
        "self.suspended": "Twilio 계정의 상태: {status}",
        "self.trial": "Twilio 계정이 체험판이라 통화 내용이 전달되지 않을 수 있습니다",
        "self.balance": "Twilio 계정의 잔액이 {balance} {currency}까지 줄었습니다",
        "self.from_unknown": "발신 번호가 Twilio 계정에 등록되어 있지 않습니다",
        "self.from_mute": "발신 번호로 전화를 걸 수 없습니다",
        "self.from_no_texts": "발신 번호로 문자를 보낼 수 없습니다",
        "self.geo": "Twilio 계정에서 {country} 지역으로 전화를 걸 수 없습니다",
        "self.unreached": "아무에게도 전하지 못한 장애가 {count}건 있습니다",
        "self.overload": "이 서버가 느려 WatchCall의 점검 일부를 건너뛰고 있습니다",
        "self.unsaved": "이 서버의 디스크에 쓸 수 없어 다시 시작하면 전화가 반복될 수 있습니다",
    },
    sentence=_sentence,
    listed=", ".join,
    clock=_clock,
    lasted=_lasted,
    point=".",
    signs=Signs(
        dot="점",
        slash="슬래시",
        backslash="역슬래시",
        at="골뱅이",
        equals="이퀄",
        port="포트 {port}",
        hex="16진수 {digits}",
        code="{start} 등으로 시작하는 코드",
    ),
    written=Written(
        failing={
            Level.CRITICAL: "{host}: {check} 장애 ({since}부터).",
            Level.WARNING: "{host}: {check} 경고 ({since}부터).",
            Level.UNKNOWN: "{host}: {check} 확인 불가 ({since}부터).",
        },
        worsened="{host}: {check} 심각한 장애로 악화 ({rose}부터, 이상은 {since}부터).",
        several={
            Level.CRITICAL: "{host}: 장애 {count}건",
            Level.WARNING: "{host}: 경고 {count}건",
            Level.UNKNOWN: "{host}: 확인 불가 {count}건",
        },
        each="{check} ({since}부터): {reason}",
        still={
            Level.CRITICAL: "{host}: {check} 장애 {duration}째 계속 ({since}부터), 담당자 없음.",
            Level.WARNING: "{host}: {check} 경고 {duration}째 계속 ({since}부터), 담당자 없음.",
            Level.UNKNOWN: "{host}: {check} 확인 불가 {duration}째 ({since}부터), 담당자 없음.",
        },
        still_several="{host}: 이상 {count}건 계속, 담당자 없음",
        unstable="{host}: {check} 장애와 복구 반복 (최근 {since}).",
        unstable_several="{host}: {count}건이 장애와 복구 반복",
        at_rest="현재는 정상입니다.",
        quiet_until="정상 {stable}까지 알림 중지 (심각한 장애 {lasting}이면 알림).",
        recovered="{host}: {check} {until} 복구 (장애 {duration}).",
        all_recovered="{host}: 장애 {count}건 복구",
        each_recovered="{check} ({until}, 장애 {duration})",
        own_trouble="{host}의 WatchCall 자체에 문제가 있습니다. {reason}.",
        own_recovered="{host}의 WatchCall 자체 문제가 {until}에 해결되었습니다 ({duration} 지속).",
        more="… 외 {count}건",
        reply="{code} 회신 시 확인 처리됩니다.",
        reply_any="코드로 회신하시면 확인 처리됩니다.",
        clock=_written,
    ),
)
