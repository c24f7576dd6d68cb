"""Japanese."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

# A voice that knows no English spells Latin letters one by one, eleven syllables for "WatchCall"
# before anything is said. Names of hosts and checks are the operator's, and stay as they are.
NAMES = {
    "WatchCall": "ウォッチコール",
    "Twilio": "トゥイリオ",
    "systemd": "システムディー",
}
UNITS = {"second": "秒", "minute": "分", "hour": "時間", "day": "日"}


def _sentence(phrase: str) -> str:
    return f"{phrase}。"


def _clock(at: datetime, now: datetime) -> str:
    half = "午前" if at.hour < 12 else "午後"
    spoken = f"{half}{at.hour % 12}時{f'{at.minute}分' if at.minute else ''}"
    return spoken if at.date() == now.date() else f"{at.month}月{at.day}日の{spoken}"


def _written(at: datetime, now: datetime) -> str:
    clock = f"{at.hour}:{at.minute:02}"
    return clock if at.date() == now.date() else f"{at.month}月{at.day}日 {clock}"


def _lasted(duration: timedelta) -> str:
    said = [(f"{number}{UNITS[unit]}", unit) for number, unit in grammar.parts(duration)]
    return ("と" if said[0][1] == "day" else "").join(text for text, _ in said)


JAPANESE = Language(
    tag="ja",
    failing={
        Level.CRITICAL: (
            "ウォッチコールです、サーバー {host} の {check} に、{since}から障害が発生しています。"
        ),
        Level.WARNING: (
            "ウォッチコールです、サーバー {host} の {check} に、{since}から警告が出ています。"
        ),
        Level.UNKNOWN: (
            "ウォッチコールです、サーバー {host} の {check} を、{since}から確認できていません。"
        ),
    },
    worsened=(
        "ウォッチコールです、サーバー {host} の {check} が悪化し、{rose}から障害になっています。"
        "異常は{since}から続いています。"
    ),
    several={
        Level.CRITICAL: (
            "ウォッチコールです、サーバー {host} で、{count}件の障害が発生しています。"
            "{checks}です。"
        ),
        Level.WARNING: (
            "ウォッチコールです、サーバー {host} で、{count}件の警告が出ています。{checks}です。"
        ),
        Level.UNKNOWN: (
            "ウォッチコールです、サーバー {host} で、{count}件の確認ができていません。"
            "{checks}です。"
        ),
    },
    each="{check} は、{since}からです。{reason}。",
    others="ほか{count}件",
    still={
        Level.CRITICAL: (
            "ウォッチコールです、サーバー {host} の {check} の障害が、"
            "{since}から{duration}続いており、まだ担当者が決まっていません。"
        ),
        Level.WARNING: (
            "ウォッチコールです、サーバー {host} の {check} への警告が、"
            "{since}から{duration}続いており、まだ担当者が決まっていません。"
        ),
        Level.UNKNOWN: (
            "ウォッチコールです、サーバー {host} の {check} を確認できない状態が、"
            "{since}から{duration}続いており、まだ担当者が決まっていません。"
        ),
    },
    still_several=(
        "ウォッチコールです、サーバー {host} で、{count}件の異常が続いており、"
        "まだ担当者が決まっていません。{checks}です。"
    ),
    unstable=(
        "ウォッチコールです、サーバー {host} の {check} が不安定で、障害と復旧を繰り返しており、"
        "最近では{since}に障害が発生しました。"
    ),
    unstable_several=(
        "ウォッチコールです、サーバー {host} で、{count}件が不安定になり、"
        "障害と復旧を繰り返しています。"
        "{checks}です。"
    ),
    at_rest="現在は正常です。",
    quiet_until=(
        "正常な状態が{stable}続くまで、お知らせを控えます。ただし、"
        "重大な障害が{lasting}続いた場合は、お知らせします。"
    ),
    recovered=(
        "ウォッチコールです、サーバー {host} の {check} は、{until}に復旧しました。"
        "障害は{duration}続きました。"
    ),
    all_recovered="ウォッチコールです、サーバー {host} で、{count}件が復旧しました。{checks}です。",
    own_trouble=(
        "サーバー {host} のウォッチコールです、{since}からウォッチコール自体に"
        "問題が起きています。{reason}。"
    ),
    own_recovered=(
        "サーバー {host} のウォッチコールです、ウォッチコール自体の問題は、{until}に解消しました。"
        "問題は{duration}続きました。"
    ),
    press_keys=(
        "確認された場合は1を、次の担当者に回す場合は2を、"
        "もう一度お聞きになる場合は米印を押してください。"
    ),
    call_back="折り返しこの番号にお電話いただくと、確認済みになります。",
    acknowledged="ありがとうございます。{check} を確認済みにしました。",
    all_acknowledged="ありがとうございます。{count}件すべてを確認済みにしました。",
    passed="次の担当者に連絡します。",
    not_understood="入力を認識できませんでした。",
    too_late="この件はすでに終了しています。",
    test="サーバー {host} のウォッチコールによるテスト通話です。障害は発生していません。",
    stopped=(
        "サーバー {host} のウォッチコールが停止しました。誰かが再び起動するまで、"
        "何も監視されず、障害が起きても電話はかかりません。"
    ),
    misconfigured="設定に誤りがあります。",
    between="",
    again="繰り返します。",
    repeated="このお知らせは二度目かもしれません。",
    levels={
        Level.OK: "正常",
        Level.WARNING: "警告",
        Level.CRITICAL: "障害",
        Level.UNKNOWN: "不明",
    },
    reasons={
        "none_yet": "まだ確認していません",
        "text": "{text}",
        "check.removed": "このチェックは設定から削除されました",
        "check.changed": "このチェックの対象が変更されました",
        "look.timeout": "{seconds}秒以内に確認が終わりませんでした",
        "look.crashed": "確認そのものに失敗しました: {error}",
        "look.halted": "確認の途中で WatchCall かこのサーバーが停止していました",
        "look.too_hard": "{text} の検索に時間がかかりすぎます",
        "look.late": "WatchCall自体の処理が{seconds}秒遅れたため、測定できませんでした",
        "look.left_out": "WatchCallに確認する余裕がありませんでした",
        "process.running": "{name} は {count} 個動いています",
        "process.none": "{name} という名前のプロセスが動いていません",
        "process.none_like": "{name} に一致するプロセスが動いていません",
        "process.none_of": "{name} のプロセスが動いていません",
        "process.none.last": (
            "{name} という名前のプロセスが動いていません、"
            "最後の PID {pid} は{ago}前に動いていました"
        ),
        "process.none_like.last": (
            "{name} に一致するプロセスが動いていません、最後の PID {pid} は{ago}前に動いていました"
        ),
        "process.none_of.last": (
            "{name} のプロセスが動いていません、最後の PID {pid} は{ago}前に動いていました"
        ),
        "process.too_few": "{name} が {count} 個しか動いていません、最低 {min} 個必要です",
        "process.too_many": "{name} が {count} 個動いています、上限は {max} 個です",
        "process.zombie": "{name} は停止し、ゾンビプロセスだけが {count} 個残っています",
        "process.memory": (
            "{name} のメモリー使用量が {used} メガバイトです、しきい値は {limit} メガバイトです"
        ),
        "process.cpu": (
            "{name} のCPU使用率が {percent} パーセントです、しきい値は {limit} パーセントです"
        ),
        "process.pidfile_missing": "PIDファイル {path} がありません",
        "process.pidfile_dead": "PIDファイル {path} のプロセス {pid} は動いていません",
        "process.pidfile_other": "PIDファイル {path} のプロセス {pid} は別のプログラムです",
        "process.pidfile_unreadable": "PIDファイル {path} を読み取れません: {error}",
        "process.pidfile_no_number": "PIDファイル {path} にプロセス番号がありません",
        "process.no_user": "このサーバーに {user} というユーザーはいません",
        "process.hidden": "WatchCallの権限では、ほかのユーザーのプロセスが見えません",
        "process.unreadable": (
            "{name} を確認できません、権限がなく調べられないプロセスが {count} 個あります"
        ),
        "process.cannot_look": "プロセスの一覧を読み取れません: {error}",
        "unit.active": "{unit} は動いています",
        "unit.starting": "{unit} は起動しているところです",
        "unit.starting_long": "{unit} の起動に時間がかかりすぎています",
        "unit.stopping": "{unit} は停止しているところです",
        "unit.stopping_long": "{unit} の停止に時間がかかりすぎています",
        "unit.ended": "{unit} が終了しました、まもなくsystemdが再起動します",
        "unit.ended_long": "{unit} が終了したまま、まだsystemdが再起動していません",
        "unit.again": "{unit} が終了し、systemdが再起動したところです",
        "unit.loop": "{unit} が終了を繰り返し、そのたびにsystemdが再起動しています",
        "unit.stopped": "{unit} が停止しています",
        "unit.failed": "{unit} が異常終了しました",
        "unit.exit_code": "{unit} が終了コード {status} で異常終了しました",
        "unit.signal": "{unit} がシグナル {signal} で終了しました",
        "unit.core_dump": "{unit} がクラッシュしました",
        "unit.oom_kill": "{unit} がメモリ不足のため強制終了されました",
        "unit.watchdog": "{unit} の応答がなくなり、systemdが終了させました",
        "unit.timeout": "{unit} が時間内に起動または停止しませんでした",
        "unit.start_limit": "{unit} の失敗が多すぎるため、systemdが再起動をやめました",
        "unit.resources": "{unit} はシステムの資源が足りず、起動できませんでした",
        "unit.masked": "{unit} はマスクされていて、起動できません",
        "unit.broken": "{unit} のユニットファイルが正しくありません",
        "unit.missing": "{unit} というユニットがsystemdにありません",
        "unit.cannot_look": "systemdに問い合わせできません: {error}",
        "http.ok": "ステータス {status}、{ms} ミリ秒で応答しました",
        "http.found": "応答の内容は正常です",
        "http.status": "ステータス {status} が返りました",
        "http.lacks": "応答に {text} が含まれていません",
        "http.contains": "応答に {text} が含まれています",
        "http.unmatched": "応答が {pattern} に一致しません",
        "http.body_limit": "応答の先頭 {limit} バイトでは内容を確認しきれません",
        "http.json_invalid": "応答がJSONではありません",
        "http.json_deep": "応答のJSONの階層が深すぎます",
        "http.json_missing": "応答に {path} の値がありません",
        "http.json_differs": "{path} の値が {wanted} ではなく {saw} です",
        "http.json_path": "JSONのパス {path} が正しくありません: {error}",
        "http.latency": "応答に {seconds} 秒かかりました、しきい値は {limit} 秒です",
        "http.certificate.days": "証明書の期限があと {days} 日で切れます",
        "http.certificate.hours": "証明書の期限があと {hours} 時間で切れます",
        "http.certificate.expired": "証明書の期限が切れています",
        "http.no_certificate": "暗号化されていない接続のため、証明書を確認できません",
        "http.dns": "{host} の名前解決に失敗しました",
        "http.no_address": "{host} にIPバージョン {version} のアドレスがありません",
        "http.refused": "{host} のポート {port} への接続が拒否されました",
        "http.no_connection": "{host} のポート {port} に接続できません: {error}",
        "http.timeout.dns": "{seconds}秒以内に名前解決が終わりませんでした",
        "http.timeout.connect": "{seconds}秒以内に接続できませんでした",
        "http.timeout.tls": "{seconds}秒以内にTLSの接続が確立しませんでした",
        "http.timeout.first_byte": "{seconds}秒待っても応答がありませんでした",
        "http.timeout.reading": "{seconds}秒以内に応答を受信しきれませんでした",
        "http.tls.expired": "証明書の期限が切れています",
        "http.tls.not_yet_valid": "証明書の有効期間がまだ始まっていません",
        "http.tls.self_signed": "証明書が自己署名のものです",
        "http.tls.untrusted": "証明書の発行元を信頼できません",
        "http.tls.wrong_name": "証明書の名前が {host} と一致しません",
        "http.tls.failed": "TLS接続に失敗しました: {error}",
        "http.empty": "応答がないまま接続が切れました",
        "http.cut": "応答が {bytes} バイトで途切れました",
        "http.broken": "接続が途中で切れました: {error}",
        "http.garbage": "応答がHTTPとして正しくありません: {error}",
        "http.header_too_long": "応答のヘッダーが長すぎます",
        "http.redirects": "リダイレクトが {count} 回を超えました",
        "http.redirect_invalid": "リダイレクト先のアドレスが正しくありません: {url}",
        "http.proxy": "プロキシを利用できません: {error}",
        "http.lookups": "名前解決が混み合っています、{count} 件が処理中です",
        "http.descriptors": "WatchCallが同時に使えるファイルの数が上限に達しています",
        "http.file_unreadable": "ファイル {path} を読み取れません: {error}",
        "http.file_no_secret": "ファイル {path} に認証情報がありません",
        "http.cannot_look": "リクエストを送れませんでした: {error}",
        "tcp.ok": "{host} のポート {port} に {ms} ミリ秒で接続できました",
        "tcp.latency": "接続に {seconds} 秒かかりました、しきい値は {limit} 秒です",
        "tcp.closed": "接続が切れました、受信した内容は {pattern} に一致しません",
        "tcp.timeout.expected": "{seconds}秒以内に受信した内容が {pattern} に一致しません",
        "tcp.cannot_look": "接続を試みることができませんでした: {error}",
        "command.timeout": "{name} が{seconds}秒以内に終わりませんでした",
        "command.signal": "{name} がシグナル {signal} で止められました",
        "command.exit": "{name} が終了コード {status} で終わりました",
        "command.exit_said": "{name} が終了コード {status} で終わりました: {text}",
        "command.cannot_run": "{name} を実行できません: {error}",
        "command.still_there": "前回の {name} がまだ動いていて、止められません",
        "host.load.ok": "1コアあたりの負荷は {percent} パーセントです",
        "host.load": (
            "1コアあたりの負荷が {percent} パーセントです、しきい値は {limit} パーセントです"
        ),
        "host.memory_used.ok": "メモリーの使用率は {percent} パーセントです",
        "host.memory_used": (
            "メモリーの使用率が {percent} パーセントです、しきい値は {limit} パーセントです"
        ),
        "host.swap_used.ok": "スワップの使用率は {percent} パーセントです",
        "host.swap_used": (
            "スワップの使用率が {percent} パーセントです、しきい値は {limit} パーセントです"
        ),
        "host.disk_used.ok": "{path} のディスク使用率は {percent} パーセントです",
        "host.disk_used": (
            "{path} のディスク使用率が {percent} パーセントです、しきい値は {limit} パーセントです"
        ),
        "host.disk_hangs": "{path} のディスクが{seconds}秒待っても応答しませんでした",
        "host.no_path": "{path} がないため、ディスクを確認できません",
        "host.cannot_look": "サーバーの状態を読み取れません: {error}",
        "evidence.oom": "メモリー不足のため、OOMキラーに強制終了されました",
        "evidence.oom_one": "メモリー不足のため、プロセスの一つがOOMキラーに強制終了されました",
        "evidence.status": "終了ステータス {status} で終了しました",
        "evidence.signal": "シグナル {signal} で強制終了されました",
        "evidence.crash": "シグナル {signal} で異常終了しました",
        "evidence.start_limit": "サービスの起動回数が上限に達しました",
        "evidence.timeout": "サービスの起動または停止に時間がかかりすぎました",
        "evidence.watchdog": "サービスがウォッチドッグに応答しなくなりました",
        "evidence.ended": "エラーなしで終了しました",
        "self.unreachable": "Twilioに接続できません",
        "self.credentials": "Twilioの認証に失敗しました",
        "self.suspended": "Twilioアカウントの状態が {status} になっています",
        "self.trial": "Twilioアカウントが試用版のため、通話の内容が伝わらないことがあります",
        "self.balance": "Twilioアカウントの残高が {balance} {currency} まで減っています",
        "self.from_unknown": "発信元の番号がTwilioアカウントに登録されていません",
        "self.from_mute": "発信元の番号からは電話をかけられません",
        "self.from_no_texts": "発信元の番号からはSMSを送れません",
        "self.geo": "Twilioアカウントで、{country} への発信が許可されていません",
        "self.unreached": "誰にも連絡できなかった障害が {count} 件あります",
        "self.overload": "サーバーの処理が追いつかず、WatchCallの確認の一部を省略しています",
        "self.unsaved": "ディスクに書き込めないため、再起動後に電話が繰り返されることがあります",
    },
    sentence=_sentence,
    listed="、".join,
    clock=_clock,
    lasted=_lasted,
    point=".",
    signs=Signs(
        dot="ドット",
        slash="スラッシュ",
        backslash="バックスラッシュ",
        at="アットマーク",
        equals="イコール",
        port="ポート {port}",
        hex="16進数の {digits}",
        code="{start} から始まるコード",
        units={
            "service": "サービス",
            "socket": "ソケット",
            "scope": "スコープ",
            "slice": "スライス",
            "target": "ターゲット",
            "mount": "マウント",
            "automount": "オートマウント",
            "swap": "スワップ",
            "timer": "タイマー",
            "path": "パス",
            "device": "デバイス",
        },
    ),
    names=NAMES,
    written=Written(
        failing={
            Level.CRITICAL: "{host}: {check} に障害 ({since}から)。",
            Level.WARNING: "{host}: {check} に警告 ({since}から)。",
            Level.UNKNOWN: "{host}: {check} を確認できません ({since}から)。",
        },
        worsened="{host}: {check} が悪化し障害に ({rose}から、異常は{since}から)。",
        several={
            Level.CRITICAL: "{host}: {count}件の障害",
            Level.WARNING: "{host}: {count}件の警告",
            Level.UNKNOWN: "{host}: {count}件が確認不能",
        },
        each="{check} ({since}から): {reason}",
        still={
            Level.CRITICAL: "{host}: {check} の障害が{duration}継続中 ({since}から)、担当者未定。",
            Level.WARNING: "{host}: {check} への警告が{duration}継続中 ({since}から)、担当者未定。",
            Level.UNKNOWN: "{host}: {check} を{duration}確認できず ({since}から)、担当者未定。",
        },
        still_several="{host}: {count}件の異常が継続中、担当者未定",
        unstable="{host}: {check} が障害と復旧を反復 (最近は{since})。",
        unstable_several="{host}: {count}件が障害と復旧を反復",
        at_rest="現在は正常です。",
        quiet_until="正常が{stable}続くまで通知停止 (重大な障害が{lasting}続けば通知)。",
        recovered="{host}: {check} は{until}に復旧 (障害は{duration})。",
        all_recovered="{host}: {count}件が復旧",
        each_recovered="{check} ({until}、障害は{duration})",
        own_trouble="{host} のWatchCall自体に問題があります。{reason}。",
        own_recovered="{host} のWatchCall自体の問題は{until}に解消 ({duration}継続)。",
        more="… ほか{count}件",
        reply="{code} と返信すると確認済みになります。",
        reply_any="コードを返信すると確認済みになります。",
        clock=_written,
    ),
)
