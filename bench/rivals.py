"""How peers are told to look at URLs at the same pace: their files, and how they are started."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bench.checks import INTERVAL_S

ICINGA = "/usr/lib/x86_64-linux-gnu/icinga2/sbin/icinga2"  # what the wrapper in PATH starts
PLUGINS = "/usr/lib/nagios/plugins"
EVERY_S = round(INTERVAL_S)  # they know whole seconds
SCRAPED_S = max(1, EVERY_S // 2)  # blackbox exporter takes half a second off it

NAGIOS = """\
log_file={folder}/nagios.log
cfg_file={folder}/objects.cfg
check_result_path={folder}
temp_file={folder}/temp
temp_path={folder}
lock_file={folder}/lock
status_file={folder}/status
command_file={folder}/command
query_socket={folder}/query
object_cache_file={folder}/objects.cache
state_retention_file={folder}/retention
nagios_user=nobody
nagios_group=nogroup
interval_length=1
retain_state_information=0
enable_notifications=0
check_external_commands=0
use_syslog=0
"""
NAGIOS_OBJECTS = """\
define timeperiod {{
  timeperiod_name always
  alias always
  sunday 00:00-24:00
  monday 00:00-24:00
  tuesday 00:00-24:00
  wednesday 00:00-24:00
  thursday 00:00-24:00
  friday 00:00-24:00
  saturday 00:00-24:00
}}
define command {{
  command_name http
  command_line {plugins}/check_http -I 127.0.0.1 -p {port} -u $ARG1$
}}
define contact {{
  contact_name nobody
  host_notifications_enabled 0
  service_notifications_enabled 0
  host_notification_period always
  service_notification_period always
  host_notification_commands http
  service_notification_commands http
}}
define host {{
  host_name web1
  address 127.0.0.1
  max_check_attempts 3
  check_period always
  contacts nobody
  active_checks_enabled 0
}}
"""
NAGIOS_SERVICE = """\
define service {{
  host_name web1
  service_description web-{n}
  check_command http!{path}
  check_interval {interval}
  retry_interval {interval}
  max_check_attempts 3
  check_period always
  contacts nobody
}}
"""
ICINGA_HEAD = """\
const PluginDir = "{plugins}"
const NodeName = "web1"
include <itl>
include <plugins>
object CheckerComponent "checker" {{ concurrent_checks = 100 }}
object Host "web1" {{ check_command = "dummy", enable_active_checks = false }}
"""
ICINGA_SERVICE = """\
object Service "web-{n}" {{
  host_name = "web1"
  check_command = "http"
  vars.http_address = "127.0.0.1"
  vars.http_port = {port}
  vars.http_uri = "{path}"
  check_interval = {interval}s
  retry_interval = {interval}s
}}
"""
PROMETHEUS = """\
global: {{ scrape_interval: {interval}s, scrape_timeout: {timeout}s }}
scrape_configs:
  - job_name: web
    metrics_path: /probe
    params: {{ module: [http] }}
    relabel_configs:
      - {{ source_labels: [__address__], target_label: __param_target }}
      - {{ source_labels: [__param_target], target_label: instance }}
      - {{ target_label: __address__, replacement: "127.0.0.1:{blackbox}" }}
    static_configs:
      - targets: [{targets}]
"""
BLACKBOX = "modules: { http: { prober: http, http: { preferred_ip_protocol: ip4 } } }\n"
MONIT = """\
set daemon {interval}
set pidfile {folder}/pid
set statefile {folder}/state
set idfile {folder}/id
set log {folder}/monit.log
"""
MONIT_CHECK = """\
check host web-{n} with address 127.0.0.1
  if failed port {port} protocol http request "{path}" then alert
"""


def monit(folder: Path, urls: Sequence[str], _ports: Sequence[int]) -> list[list[str | Path]]:
    checks = (MONIT_CHECK.format(n=n, **_parts(url)) for n, url in enumerate(urls))
    config = folder / "monitrc"
    config.write_text(MONIT.format(folder=folder, interval=EVERY_S) + "".join(checks))
    config.chmod(0o600)  # it insists
    return [["monit", "-I", "-c", config]]


def nagios(folder: Path, urls: Sequence[str], _ports: Sequence[int]) -> list[list[str | Path]]:
    services = (
        NAGIOS_SERVICE.format(n=n, interval=EVERY_S, **_parts(url)) for n, url in enumerate(urls)
    )
    head = NAGIOS_OBJECTS.format(plugins=PLUGINS, **_parts(urls[0]))
    (folder / "objects.cfg").write_text(head + "".join(services))
    (folder / "nagios.cfg").write_text(NAGIOS.format(folder=folder))
    return [["nagios4", folder / "nagios.cfg"]]


def icinga(folder: Path, urls: Sequence[str], _ports: Sequence[int]) -> list[list[str | Path]]:
    services = (
        ICINGA_SERVICE.format(n=n, interval=EVERY_S, **_parts(url)) for n, url in enumerate(urls)
    )
    config = folder / "icinga2.conf"
    config.write_text(ICINGA_HEAD.format(plugins=PLUGINS) + "".join(services))
    places = ("DataDir", "LogDir", "CacheDir", "InitRunDir", "SpoolDir")
    defined = [word for name in places for word in ("-D", f"Configuration.{name}={folder}")]
    user = ["-D", "Configuration.RunAsUser=nobody", "-D", "Configuration.RunAsGroup=nogroup"]
    return [[ICINGA, "daemon", "-c", config, *defined, *user]]


def prometheus(folder: Path, urls: Sequence[str], ports: Sequence[int]) -> list[list[str | Path]]:
    listen, blackbox = ports
    targets = ", ".join(f'"{url}"' for url in urls)
    (folder / "prometheus.yml").write_text(
        PROMETHEUS.format(interval=EVERY_S, timeout=SCRAPED_S, blackbox=blackbox, targets=targets)
    )
    (folder / "blackbox.yml").write_text(BLACKBOX)
    return [
        [
            "prometheus-blackbox-exporter",
            f"--web.listen-address=127.0.0.1:{blackbox}",
            f"--config.file={folder}/blackbox.yml",
        ],
        [
            "prometheus",
            f"--web.listen-address=127.0.0.1:{listen}",
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/tsdb",
        ],
    ]


def _parts(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {"port": parts.port, "path": parts.path}
