"""Programs that serve others: by the names of their units and of their processes.

The hundred other services of a machine are systemd's own, or nobody is called for them.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass

MINE = ("watchcall.service",)


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of server.

    units:     globs, without `.service`
    processes: names as in `ps -o comm`
    usual:     whether people mostly want to be called for it
    """

    units: str
    processes: str = ""
    usual: bool = True

    def is_unit(self, name: str) -> bool:
        return any(fnmatch.fnmatchcase(name, f"{glob}.service") for glob in self.units.split())


KNOWN = (
    # web servers, and what stands before and behind them
    Known("httpd apache2 apache2@*", "httpd apache2"),
    Known("nginx angie openresty", "nginx"),
    Known("caddy lighttpd traefik haproxy varnish envoy", "caddy lighttpd traefik haproxy"),
    Known("squid", "squid"),
    Known("php*-fpm", ""),
    Known("tomcat* jetty* gunicorn uwsgi uwsgi@* puma unicorn pm2-*", "gunicorn uwsgi"),
    # databases, caches, queues
    Known("postgresql postgresql@* postgresql-[0-9]*", "postgres"),
    Known("mysql mysqld mysqld@* mariadb mariadb@*", "mysqld mariadbd"),
    Known("mongod cassandra clickhouse-server couchdb influxdb", "mongod influxd"),
    Known(
        "redis redis@* redis-server redis-server@* valkey valkey@*", "redis-server valkey-server"
    ),
    Known("memcached memcached@*", "memcached"),
    Known("elasticsearch opensearch solr", ""),
    Known("rabbitmq-server kafka zookeeper nats-server mosquitto", "mosquitto"),
    Known("etcd consul vault nomad minio", "etcd consul vault minio"),
    # names, mail, files, directories
    Known("named bind9 unbound pdns nsd dnsmasq knot coredns", "named unbound nsd dnsmasq"),
    Known("postfix postfix@* exim4 exim opensmtpd dovecot", "exim4 dovecot"),
    Known("smbd samba-ad-dc nfs-server nfs-kernel-server vsftpd proftpd", "smbd vsftpd"),
    Known("slapd dirsrv@* ipa krb5kdc freeradius radiusd", "slapd"),
    Known("openvpn@* openvpn-server@* wg-quick@* strongswan ipsec tailscaled", "openvpn"),
    # containers, virtual machines, programs that others run in
    Known("docker podman k3s k3s-agent kubelet crio libvirtd virtqemud", "dockerd"),
    Known("jenkins gitea forgejo gitlab-runsvdir grafana-server prometheus", "grafana prometheus"),
    Known("supervisor supervisord asterisk freeswitch keycloak", "supervisord asterisk"),
    # often there, seldom what somebody is to be woken for
    Known("sshd ssh", "sshd", usual=False),
    Known("containerd cron crond chronyd chrony ntpd ntpsec fail2ban", "", usual=False),
    Known("zabbix-agent zabbix-agent2 node_exporter prometheus-node-exporter", "", usual=False),
)


def known_unit(name: str) -> Known | None:
    """Return what kind of server a unit is, None where it is none that we know."""
    return next((known for known in KNOWN if known.is_unit(name)), None)


def known_processes() -> Iterator[tuple[str, Known]]:
    for known in KNOWN:
        for name in known.processes.split():
            yield name, known
