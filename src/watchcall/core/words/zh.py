"""Chinese (Mandarin), in simplified characters."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

UNITS = {"second": "秒钟", "minute": "分钟", "hour": "小时", "day": "天"}
# The part of the day, by the hour with which it ends.
HALVES = {5: "凌晨", 8: "早上", 12: "上午", 13: "中午", 19: "下午", 24: "晚上"}


def _sentence(phrase: str) -> str:
    return f"{phrase}。"


def _listed(items: list[str]) -> str:
    return "和".join(filter(None, ["、".join(items[:-1]), *items[-1:]]))


def _clock(at: datetime, now: datetime) -> str:
    half = next(name for end, name in HALVES.items() if at.hour < end)
    hour = at.hour - 12 if at.hour > 12 else at.hour
    spoken = f"{half}{hour}点{f'{at.minute:02}分' if at.minute else ''}"
    return spoken if at.date() == now.date() else f"{at.month}月{at.day}日{spoken}"


def _written(at: datetime, now: datetime) -> str:
    clock = f"{at:%H:%M}"
    return clock if at.date() == now.date() else f"{at.month}月{at.day}日 {clock}"


def _lasted(duration: timedelta) -> str:
    return "".join(f"{number}{UNITS[unit]}" for number, unit in grammar.parts(duration))


CHINESE = Language(
    tag="zh",
    failing={
        Level.CRITICAL: "这里是WatchCall，服务器 {host} 上的 {check} 从{since}起发生故障。",
        Level.WARNING: "这里是WatchCall，服务器 {host} 上的 {check} 从{since}起出现警告。",
        Level.UNKNOWN: "这里是WatchCall，服务器 {host} 上的 {check} 从{since}起无法检查。",
    },
    worsened=(
        "这里是WatchCall，服务器 {host} 上的 {check} 已恶化，从{rose}起为严重故障，"
        "异常从{since}开始。"
    ),
    several={
        Level.CRITICAL: "这里是WatchCall，服务器 {host} 上有{count}项故障：{checks}。",
        Level.WARNING: "这里是WatchCall，服务器 {host} 上有{count}项警告：{checks}。",
        Level.UNKNOWN: "这里是WatchCall，服务器 {host} 上有{count}项无法检查：{checks}。",
    },
    each="{check}，从{since}起：{reason}。",
    others="另外{count}项",
    still={
        Level.CRITICAL: (
            "这里是WatchCall，服务器 {host} 上的 {check} 从{since}起发生故障，已持续{duration}，"
            "目前无人处理。"
        ),
        Level.WARNING: (
            "这里是WatchCall，服务器 {host} 上的 {check} 从{since}起出现警告，已持续{duration}，"
            "目前无人处理。"
        ),
        Level.UNKNOWN: (
            "这里是WatchCall，服务器 {host} 上的 {check} 从{since}起无法检查，已持续{duration}，"
            "目前无人处理。"
        ),
    },
    still_several="这里是WatchCall，服务器 {host} 上仍有{count}项异常，目前无人处理：{checks}。",
    unstable=(
        "这里是WatchCall，服务器 {host} 上的 {check} 不稳定，反复发生故障又恢复，"
        "最近一次故障在{since}。"
    ),
    unstable_several=(
        "这里是WatchCall，服务器 {host} 上有{count}项不稳定，反复发生故障又恢复：{checks}。"
    ),
    at_rest="目前正常。",
    quiet_until="在连续{stable}没有故障之前，将不再通知，除非严重故障持续{lasting}。",
    recovered=(
        "这里是WatchCall，服务器 {host} 上的 {check} 已于{until}恢复正常。故障持续了{duration}。"
    ),
    all_recovered="这里是WatchCall，服务器 {host} 上有{count}项故障已恢复：{checks}。",
    own_trouble="这里是服务器 {host} 上的WatchCall，WatchCall自身从{since}起出现问题：{reason}。",
    own_recovered=(
        "这里是服务器 {host} 上的WatchCall，WatchCall自身的问题已于{until}解决。"
        "问题持续了{duration}。"
    ),
    press_keys="确认处理请按1，转给下一位联系人请按2，重听请按星号键。",
    call_back="回拨此号码，即表示确认处理。",
    acknowledged="谢谢。{check} 已确认由您处理。",
    all_acknowledged="谢谢。全部{count}项故障已确认由您处理。",
    passed="我将呼叫下一位联系人。",
    not_understood="抱歉，没有识别您的按键。",
    too_late="此事已经结束。",
    test="这是服务器 {host} 上的WatchCall拨打的测试电话。没有发生故障。",
    stopped=(
        "服务器 {host} 上的WatchCall已停止。在有人重新启动它之前，"
        "不再监控任何项目，发生故障也不会打电话通知。"
    ),
    misconfigured="它的配置有误。",
    between="",
    again="重复一遍。",
    repeated="您可能已经听过这条通知。",
    levels={
        Level.OK: "正常",
        Level.WARNING: "警告",
        Level.CRITICAL: "故障",
        Level.UNKNOWN: "未知",
    },
    reasons={
        "none_yet": "尚未检查",
        "text": "{text}",
        "check.removed": "该检查项已从配置中删除",
        "check.changed": "该检查项的对象已更改",
        "look.timeout": "检查在{seconds}秒内没有得出结果",
        "look.crashed": "检查本身失败：{error}",
        "look.halted": "检查期间 WatchCall 或本服务器曾暂停运行",
        "look.too_hard": "搜索 {text} 花费的时间过长",
        "look.late": "WatchCall自身延迟了{seconds}秒，无法测量",
        "look.left_out": "WatchCall没有时间进行检查",
        "process.running": "{name} 有 {count} 个进程在运行",
        "process.none": "没有名为 {name} 的进程在运行",
        "process.none_like": "没有与 {name} 匹配的进程在运行",
        "process.none_of": "没有 {name} 的进程在运行",
        "process.none.last": (
            "没有名为 {name} 的进程在运行，最后的进程 PID {pid} 在{ago}前还在运行"
        ),
        "process.none_like.last": (
            "没有与 {name} 匹配的进程在运行，最后的进程 PID {pid} 在{ago}前还在运行"
        ),
        "process.none_of.last": (
            "没有 {name} 的进程在运行，最后的进程 PID {pid} 在{ago}前还在运行"
        ),
        "process.too_few": "{name} 只有 {count} 个进程在运行，至少需要 {min} 个",
        "process.too_many": "{name} 有 {count} 个进程在运行，最多允许 {max} 个",
        "process.zombie": "{name} 已停止，只剩下 {count} 个僵尸进程",
        "process.memory": "{name} 占用了 {used} 兆字节内存，上限为 {limit} 兆字节",
        "process.cpu": "{name} 的CPU占用率为百分之 {percent}，上限为百分之 {limit}",
        "process.pidfile_missing": "PID文件 {path} 不存在",
        "process.pidfile_dead": "PID文件 {path} 中的进程 {pid} 已不存在",
        "process.pidfile_other": "PID文件 {path} 中的进程 {pid} 是另一个程序",
        "process.pidfile_unreadable": "无法读取PID文件 {path}：{error}",
        "process.pidfile_no_number": "PID文件 {path} 中没有进程号",
        "process.no_user": "此服务器上没有名为 {user} 的用户",
        "process.hidden": "WatchCall没有权限查看其他用户的进程",
        "process.unreadable": "无法确认 {name}，WatchCall没有权限查看 {count} 个进程的程序",
        "process.cannot_look": "无法读取进程列表：{error}",
        "unit.active": "{unit} 正在运行",
        "unit.starting": "{unit} 正在启动",
        "unit.starting_long": "{unit} 启动时间过长",
        "unit.stopping": "{unit} 正在停止",
        "unit.stopping_long": "{unit} 停止时间过长",
        "unit.ended": "{unit} 已退出，systemd即将重新启动它",
        "unit.ended_long": "{unit} 已退出，systemd还没有重新启动它",
        "unit.again": "{unit} 曾退出，systemd刚刚重新启动了它",
        "unit.loop": "{unit} 反复退出，systemd一次又一次地重新启动它",
        "unit.stopped": "{unit} 已停止",
        "unit.failed": "{unit} 运行失败",
        "unit.exit_code": "{unit} 运行失败，退出码为 {status}",
        "unit.signal": "{unit} 被信号 {signal} 终止",
        "unit.core_dump": "{unit} 已崩溃",
        "unit.oom_kill": "{unit} 因内存不足被强制终止",
        "unit.watchdog": "{unit} 没有响应，被systemd终止",
        "unit.timeout": "{unit} 未能按时启动或停止",
        "unit.start_limit": "{unit} 失败次数过多，systemd不再启动它",
        "unit.resources": "{unit} 因系统资源不足而无法启动",
        "unit.masked": "{unit} 已被屏蔽，无法启动",
        "unit.broken": "{unit} 的单元文件无法使用",
        "unit.missing": "systemd中没有名为 {unit} 的单元",
        "unit.cannot_look": "无法询问systemd：{error}",
        "http.ok": "在 {ms} 毫秒内返回状态码 {status}",
        "http.found": "响应内容正常",
        "http.status": "返回状态码 {status}",
        "http.lacks": "响应中没有 {text}",
        "http.contains": "响应中包含 {text}",
        "http.unmatched": "响应与 {pattern} 不匹配",
        "http.body_limit": "仅凭响应的前 {limit} 个字节无法判断",
        "http.json_invalid": "响应不是JSON",
        "http.json_deep": "响应的JSON嵌套过深",
        "http.json_missing": "响应中没有 {path} 的值",
        "http.json_differs": "{path} 的值是 {saw}，而不是 {wanted}",
        "http.json_path": "JSON路径 {path} 无效：{error}",
        "http.latency": "响应用了 {seconds} 秒，上限为 {limit} 秒",
        "http.certificate.days": "证书还有 {days} 天到期",
        "http.certificate.hours": "证书还有 {hours} 小时到期",
        "http.certificate.expired": "证书已过期",
        "http.no_certificate": "连接没有加密，没有可检查的证书",
        "http.dns": "域名 {host} 没有对应的地址",
        "http.no_address": "{host} 没有IP版本 {version} 的地址",
        "http.refused": "{host} 拒绝连接端口 {port}",
        "http.no_connection": "无法连接到 {host} 的端口 {port}：{error}",
        "http.timeout.dns": "{seconds}秒内未能完成域名解析",
        "http.timeout.connect": "{seconds}秒内未能建立连接",
        "http.timeout.tls": "{seconds}秒内未能完成TLS握手",
        "http.timeout.first_byte": "{seconds}秒内没有响应",
        "http.timeout.reading": "{seconds}秒内未能收到完整的响应",
        "http.tls.expired": "证书已过期",
        "http.tls.not_yet_valid": "证书尚未生效",
        "http.tls.self_signed": "证书是自签名的",
        "http.tls.untrusted": "证书的颁发机构不受信任",
        "http.tls.wrong_name": "证书与 {host} 不符",
        "http.tls.failed": "加密连接失败：{error}",
        "http.empty": "连接被关闭，没有收到响应",
        "http.cut": "响应在 {bytes} 字节后中断",
        "http.broken": "连接中断：{error}",
        "http.garbage": "响应不是正确的HTTP：{error}",
        "http.header_too_long": "响应头过长",
        "http.redirects": "重定向超过 {count} 次",
        "http.redirect_invalid": "重定向的地址无效：{url}",
        "http.proxy": "代理不可用：{error}",
        "http.lookups": "已有 {count} 个域名正在解析",
        "http.descriptors": "WatchCall无法再打开更多文件",
        "http.file_unreadable": "无法读取 {path}：{error}",
        "http.file_no_secret": "{path} 中没有可用的凭据",
        "http.cannot_look": "无法发出请求：{error}",
        "tcp.ok": "在 {ms} 毫秒内连接到 {host} 的端口 {port}",
        "tcp.latency": "连接用了 {seconds} 秒，上限为 {limit} 秒",
        "tcp.closed": "连接被关闭，收到的内容与 {pattern} 不匹配",
        "tcp.timeout.expected": "{seconds}秒内收到的内容与 {pattern} 不匹配",
        "tcp.cannot_look": "无法尝试连接：{error}",
        "command.timeout": "{name} 在{seconds}秒内没有结束",
        "command.signal": "{name} 被信号 {signal} 终止",
        "command.exit": "{name} 以状态码 {status} 结束",
        "command.exit_said": "{name} 以状态码 {status} 结束：{text}",
        "command.cannot_run": "无法运行 {name}：{error}",
        "command.still_there": "上一次的 {name} 仍在运行，无法终止",
        "host.load.ok": "每个核心的负载为百分之 {percent}",
        "host.load": "每个核心的负载为百分之 {percent}，上限为百分之 {limit}",
        "host.memory_used.ok": "内存使用率为百分之 {percent}",
        "host.memory_used": "内存使用率为百分之 {percent}，上限为百分之 {limit}",
        "host.swap_used.ok": "交换空间使用率为百分之 {percent}",
        "host.swap_used": "交换空间使用率为百分之 {percent}，上限为百分之 {limit}",
        "host.disk_used.ok": "{path} 的磁盘使用率为百分之 {percent}",
        "host.disk_used": "{path} 的磁盘使用率为百分之 {percent}，上限为百分之 {limit}",
        "host.disk_hangs": "{path} 的磁盘在{seconds}秒内没有响应",
        "host.no_path": "{path} 不存在，没有可检查的磁盘",
        "host.cannot_look": "无法读取服务器的状态：{error}",
        "evidence.oom": "因内存不足，被OOM killer强制终止",
        "evidence.oom_one": "因内存不足，其中一个进程被OOM killer强制终止",
        "evidence.status": "退出状态码为 {status}",
        "evidence.signal": "被信号 {signal} 终止",
        "evidence.crash": "因信号 {signal} 崩溃",
        "evidence.start_limit": "该服务的启动次数已达上限",
        "evidence.timeout": "该服务启动或停止的时间过长",
        "evidence.watchdog": "该服务不再响应看门狗",
        "evidence.ended": "正常退出，没有错误",
        "self.unreachable": "无法连接到Twilio",
        "self.credentials": "Twilio不接受所用的凭据",
        "self.suspended": "Twilio账户的状态为 {status}",
        "self.trial": "Twilio账户是试用账户，通话内容可能无人听到",
        "self.balance": "Twilio账户的余额只剩 {balance} {currency}",
        "self.from_unknown": "主叫号码不属于该Twilio账户",
        "self.from_mute": "主叫号码不能拨打电话",
        "self.from_no_texts": "主叫号码不能发送短信",
        "self.geo": "Twilio账户不能呼叫 {country} 的号码",
        "self.unreached": "有 {count} 项故障没有通知到任何人",
        "self.overload": "这台服务器太慢，WatchCall无法完成全部检查",
        "self.unsaved": "无法写入这台服务器的磁盘，重启后可能会重复拨打电话",
    },
    sentence=_sentence,
    listed=_listed,
    clock=_clock,
    lasted=_lasted,
    point=".",
    signs=Signs(
        dot="点",
        slash="斜杠",
        backslash="反斜杠",
        at="艾特",
        equals="等于",
        port="端口 {port}",
        hex="十六进制 {digits}",
        code="以 {start} 开头的代码",
    ),
    written=Written(
        failing={
            Level.CRITICAL: "{host}：{check} 发生故障（{since}起）。",
            Level.WARNING: "{host}：{check} 出现警告（{since}起）。",
            Level.UNKNOWN: "{host}：{check} 无法检查（{since}起）。",
        },
        worsened="{host}：{check} 恶化为严重故障（{rose}起，异常{since}起）。",
        several={
            Level.CRITICAL: "{host}：{count}项故障",
            Level.WARNING: "{host}：{count}项警告",
            Level.UNKNOWN: "{host}：{count}项无法检查",
        },
        each="{check}（{since}起）：{reason}",
        still={
            Level.CRITICAL: "{host}：{check} 故障已持续{duration}（{since}起），无人处理。",
            Level.WARNING: "{host}：{check} 警告已持续{duration}（{since}起），无人处理。",
            Level.UNKNOWN: "{host}：{check} 无法检查已{duration}（{since}起），无人处理。",
        },
        still_several="{host}：{count}项异常仍在持续，无人处理",
        unstable="{host}：{check} 反复发生故障又恢复（最近一次{since}）。",
        unstable_several="{host}：{count}项反复发生故障又恢复",
        at_rest="目前正常。",
        quiet_until="连续{stable}无故障前不再通知，严重故障持续{lasting}除外。",
        recovered="{host}：{check} 已于{until}恢复，持续{duration}。",
        all_recovered="{host}：{count}项故障已恢复",
        each_recovered="{check}（{until}，持续{duration}）",
        own_trouble="{host} 上的WatchCall自身出现问题：{reason}。",
        own_recovered="{host} 上的WatchCall自身的问题已于{until}解决，持续{duration}。",
        more="…另有{count}项",
        reply="回复 {code} 确认处理。",
        reply_any="回复相应代码确认处理。",
        clock=_written,
    ),
)
