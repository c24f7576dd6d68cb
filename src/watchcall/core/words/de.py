"""German."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

MONTHS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split()
)
# One and several. "1 Tag" keeps its digit, since its word changes with the sentence.
UNITS = {
    "second": ("eine Sekunde", "Sekunden"),
    "minute": ("eine Minute", "Minuten"),
    "hour": ("eine Stunde", "Stunden"),
    "day": ("1 Tag", "Tage"),
}


def _listed(items: list[str]) -> str:
    return grammar.listed(items, "und")


def _clock(at: datetime, now: datetime) -> str:
    """Such as "11 Uhr 55": behind "11:55 Uhr" some voices say "Uhr" twice."""
    spoken = f"{at.hour} Uhr{f' {at.minute}' if at.minute else ''}"
    return spoken if at.date() == now.date() else f"{at.day}. {MONTHS[at.month - 1]}, {spoken}"


def _written(at: datetime, now: datetime) -> str:
    clock = f"{at:%H:%M}"
    return clock if at.date() == now.date() else f"{at.day}.{at.month}. {clock}"


def _lasted(duration: timedelta) -> str:
    return " und ".join(
        grammar.counted(number, *UNITS[unit]) for number, unit in grammar.parts(duration)
    )


GERMAN = Language(
    tag="de",
    failing={
        Level.CRITICAL: "WatchCall auf Server {host}: {check} ist seit {since} gestört.",
        Level.WARNING: (
            "WatchCall auf Server {host}: für {check} besteht seit {since} eine Warnung."
        ),
        Level.UNKNOWN: (
            "WatchCall auf Server {host}: {check} kann seit {since} nicht geprüft werden."
        ),
    },
    worsened=(
        "WatchCall auf Server {host}: {check} ist seit {rose} kritisch gestört, nach einer "
        "leichteren Störung seit {since}."
    ),
    several={
        Level.CRITICAL: "WatchCall auf Server {host}: es gibt {count} Störungen: {checks}.",
        Level.WARNING: "WatchCall auf Server {host}: es gibt {count} Warnungen: {checks}.",
        Level.UNKNOWN: (
            "WatchCall auf Server {host}: {count} Prüfungen sind nicht möglich: {checks}."
        ),
    },
    each="{check}, seit {since}: {reason}.",
    others="{count} weitere",
    still={
        Level.CRITICAL: (
            "WatchCall auf Server {host}: {check} ist seit {since} gestört, nun schon {duration} "
            "lang, und niemand kümmert sich darum."
        ),
        Level.WARNING: (
            "WatchCall auf Server {host}: für {check} besteht seit {since} eine Warnung, nun schon "
            "{duration} lang, und niemand kümmert sich darum."
        ),
        Level.UNKNOWN: (
            "WatchCall auf Server {host}: {check} kann seit {since} nicht geprüft werden, nun "
            "schon {duration} lang, und niemand kümmert sich darum."
        ),
    },
    still_several=(
        "WatchCall auf Server {host}: {count} Störungen dauern an, und niemand kümmert sich darum: "
        "{checks}."
    ),
    unstable=(
        "WatchCall auf Server {host}: {check} ist instabil, fällt immer wieder aus und läuft dann "
        "wieder, letzter Ausfall: {since}."
    ),
    unstable_several=(
        "WatchCall auf Server {host}: {count} Prüfungen sind instabil, sie schlagen immer wieder "
        "fehl und erholen sich: {checks}."
    ),
    at_rest="Im Moment ist alles in Ordnung.",
    quiet_until=(
        "WatchCall schweigt dazu, bis es {stable} lang keine Störung gab, außer wenn eine "
        "kritische Störung {lasting} dauert."
    ),
    recovered=(
        "WatchCall auf Server {host}: {check} läuft seit {until} wieder. "
        "Dauer der Störung: {duration}."
    ),
    all_recovered="WatchCall auf Server {host}: {count} Störungen sind behoben: {checks}.",
    own_trouble="WatchCall auf Server {host} hat seit {since} selbst ein Problem: {reason}.",
    own_recovered=(
        "WatchCall auf Server {host} arbeitet seit {until} wieder normal. "
        "Dauer des eigenen Problems: {duration}."
    ),
    press_keys=(
        "Drücken Sie 1, um die Störung zu übernehmen, 2, um sie an die nächste Person "
        "weiterzugeben, Stern, um alles noch einmal zu hören."
    ),
    call_back="Um die Störung zu übernehmen, rufen Sie bitte diese Nummer zurück.",
    acknowledged="Vielen Dank. Sie haben {check} übernommen.",
    all_acknowledged="Vielen Dank. Sie haben alle {count} Störungen übernommen.",
    passed="Ich rufe die nächste Person an.",
    not_understood="Diese Eingabe habe ich nicht verstanden.",
    too_late="Das hat sich schon erledigt.",
    test="Dies ist ein Testanruf von WatchCall auf Server {host}. Es liegt keine Störung vor.",
    stopped=(
        "WatchCall auf Server {host} ist beendet. Dort wird nichts mehr überwacht und niemand mehr "
        "angerufen, bis es jemand wieder startet."
    ),
    misconfigured="Die Konfiguration ist fehlerhaft.",
    between=" ",
    again="Ich wiederhole.",
    repeated="Vielleicht haben Sie das schon gehört.",
    levels={
        Level.OK: "in Ordnung",
        Level.WARNING: "Warnung",
        Level.CRITICAL: "kritisch",
        Level.UNKNOWN: "unbekannt",
    },
    reasons={
        "none_yet": "noch nichts gesehen",
        "text": "{text}",
        "check.removed": "die Prüfung wurde aus der Konfiguration entfernt",
        "check.changed": "die Prüfung gilt jetzt etwas anderem",
        "look.timeout": "kein Ergebnis der Prüfung innerhalb von {seconds} Sekunden",
        "look.crashed": "die Prüfung selbst ist fehlgeschlagen: {error}",
        "look.halted": "WatchCall oder dieser Server war während der Prüfung angehalten",
        "look.too_hard": "die Suche nach {text} dauert zu lange",
        "look.late": "WatchCall selbst war {seconds} Sekunden zu spät, es ließ sich nichts messen",
        "look.left_out": "WatchCall hatte keine Zeit für die Prüfung",
        "process.running": "{name}: laufende Prozesse: {count}",
        "process.none": "es läuft kein Prozess namens {name}",
        "process.none_like": "es läuft kein Prozess, der zu {name} passt",
        "process.none_of": "es läuft kein Prozess von {name}",
        "process.none.last": (
            "es läuft kein Prozess namens {name}, der letzte, PID {pid}, lief {ago} zuvor noch"
        ),
        "process.none_like.last": (
            "es läuft kein Prozess, der zu {name} passt, der letzte, PID {pid}, lief {ago} zuvor "
            "noch"
        ),
        "process.none_of.last": (
            "es läuft kein Prozess von {name}, der letzte, PID {pid}, lief {ago} zuvor noch"
        ),
        "process.too_few": "{name}: laufende Prozesse: {count}, nötig sind mindestens {min}",
        "process.too_many": "{name}: laufende Prozesse: {count}, erlaubt sind höchstens {max}",
        "process.zombie": "{name} ist beendet, übrig sind nur Zombie-Prozesse: {count}",
        "process.memory": "{name} belegt {used} Megabyte Speicher, die Grenze ist {limit}",
        "process.cpu": "{name} belegt {percent} Prozent eines Kerns, die Grenze ist {limit}",
        "process.pidfile_missing": "die PID-Datei {path} fehlt",
        "process.pidfile_dead": "der Prozess {pid} der PID-Datei {path} läuft nicht mehr",
        "process.pidfile_other": (
            "der Prozess {pid} der PID-Datei {path} ist ein anderes Programm"
        ),
        "process.pidfile_unreadable": "die PID-Datei {path} ist nicht lesbar: {error}",
        "process.pidfile_no_number": "die PID-Datei {path} enthält keine Prozessnummer",
        "process.no_user": "auf diesem Server gibt es keinen Benutzer namens {user}",
        "process.hidden": "WatchCall darf die Prozesse anderer Benutzer hier nicht sehen",
        "process.unreadable": (
            "{name}: Prozesse, deren Programm WatchCall nicht sehen darf: {count}"
        ),
        "process.cannot_look": "die Prozesse sind nicht lesbar: {error}",
        "unit.active": "{unit} läuft",
        "unit.starting": "{unit} startet gerade",
        "unit.starting_long": "{unit} braucht zu lange zum Starten",
        "unit.stopping": "{unit} wird gerade beendet",
        "unit.stopping_long": "{unit} braucht zu lange zum Beenden",
        "unit.ended": "{unit} hat sich beendet, systemd startet es gleich neu",
        "unit.ended_long": "{unit} hat sich beendet, und systemd hat es noch nicht neu gestartet",
        "unit.again": "{unit} hatte sich beendet, systemd hat es gerade neu gestartet",
        "unit.loop": "{unit} beendet sich immer wieder, systemd startet es jedes Mal neu",
        "unit.stopped": "{unit} ist gestoppt",
        "unit.failed": "{unit} ist fehlgeschlagen",
        "unit.exit_code": "{unit} ist mit dem Exit-Status {status} fehlgeschlagen",
        "unit.signal": "{unit} wurde durch das Signal {signal} beendet",
        "unit.core_dump": "{unit} ist abgestürzt",
        "unit.oom_kill": "{unit} wurde wegen Speichermangels beendet",
        "unit.watchdog": "{unit} gab kein Lebenszeichen mehr und wurde von systemd beendet",
        "unit.timeout": "{unit} ist nicht rechtzeitig gestartet oder beendet worden",
        "unit.start_limit": "{unit} ist zu oft fehlgeschlagen, systemd startet es nicht mehr",
        "unit.resources": "{unit} konnte nicht starten, dem System fehlen die Mittel dafür",
        "unit.masked": "{unit} ist maskiert und kann nicht starten",
        "unit.broken": "die Unit-Datei von {unit} ist nicht brauchbar",
        "unit.missing": "systemd kennt keine Unit namens {unit}",
        "unit.cannot_look": "systemd gibt keine Auskunft: {error}",
        "http.ok": "Antwort mit Status {status} nach {ms} ms",
        "http.found": "die Antwort ist wie gewünscht",
        "http.status": "die Antwort hat den Status {status}",
        "http.lacks": "in der Antwort fehlt {text}",
        "http.contains": "die Antwort enthält {text}",
        "http.unmatched": "die Antwort passt nicht zu {pattern}",
        "http.body_limit": "die ersten {limit} Bytes der Antwort reichen für ein Urteil nicht",
        "http.json_invalid": "die Antwort ist kein JSON",
        "http.json_deep": "das JSON der Antwort ist zu tief verschachtelt",
        "http.json_missing": "die Antwort hat keinen Wert unter {path}",
        "http.json_differs": "der Wert unter {path} ist {saw} statt {wanted}",
        "http.json_path": "der JSON-Pfad {path} ist ungültig: {error}",
        "http.latency": "die Antwort dauerte {seconds} Sekunden, die Grenze ist {limit}",
        "http.certificate.days": "Tage, bis das Zertifikat abläuft: {days}",
        "http.certificate.hours": "Stunden, bis das Zertifikat abläuft: {hours}",
        "http.certificate.expired": "das Zertifikat ist abgelaufen",
        "http.no_certificate": (
            "die Verbindung ist nicht verschlüsselt, es gibt kein Zertifikat zu prüfen"
        ),
        "http.dns": "der Name {host} hat keine Adresse",
        "http.no_address": "{host} hat keine Adresse der IP-Version {version}",
        "http.refused": "{host} verweigert die Verbindung zu Port {port}",
        "http.no_connection": "keine Verbindung zu {host} Port {port}: {error}",
        "http.timeout.dns": "der Name wurde nicht innerhalb von {seconds} Sekunden aufgelöst",
        "http.timeout.connect": "keine Verbindung innerhalb von {seconds} Sekunden",
        "http.timeout.tls": "kein TLS-Handshake innerhalb von {seconds} Sekunden",
        "http.timeout.first_byte": "keine Antwort innerhalb von {seconds} Sekunden",
        "http.timeout.reading": "die Antwort war nach {seconds} Sekunden nicht vollständig",
        "http.tls.expired": "das Zertifikat ist abgelaufen",
        "http.tls.not_yet_valid": "das Zertifikat ist noch nicht gültig",
        "http.tls.self_signed": "das Zertifikat ist selbst signiert",
        "http.tls.untrusted": "der Aussteller des Zertifikats ist nicht vertrauenswürdig",
        "http.tls.wrong_name": "das Zertifikat gilt nicht für {host}",
        "http.tls.failed": "die verschlüsselte Verbindung ist gescheitert: {error}",
        "http.empty": "die Verbindung wurde ohne Antwort geschlossen",
        "http.cut": "die Antwort brach nach {bytes} Bytes ab",
        "http.broken": "die Verbindung ist abgebrochen: {error}",
        "http.garbage": "die Antwort ist kein gültiges HTTP: {error}",
        "http.header_too_long": "der Kopf der Antwort nimmt kein Ende",
        "http.redirects": "mehr als {count} Umleitungen",
        "http.redirect_invalid": "die Umleitung führt zu keiner gültigen Adresse: {url}",
        "http.proxy": "der Proxy hat nicht geholfen: {error}",
        "http.lookups": "es werden schon {count} Namen aufgelöst",
        "http.descriptors": "WatchCall kann keine weiteren Dateien öffnen",
        "http.file_unreadable": "{path} ist nicht lesbar: {error}",
        "http.file_no_secret": "{path} enthält keine brauchbaren Zugangsdaten",
        "http.cannot_look": "die Anfrage konnte nicht gestellt werden: {error}",
        "tcp.ok": "{host} nimmt Verbindungen zu Port {port} an, nach {ms} ms",
        "tcp.latency": "die Verbindung dauerte {seconds} Sekunden, die Grenze ist {limit}",
        "tcp.closed": (
            "die Verbindung wurde geschlossen, und das Empfangene passt nicht zu {pattern}"
        ),
        "tcp.timeout.expected": (
            "das innerhalb von {seconds} Sekunden Empfangene passt nicht zu {pattern}"
        ),
        "tcp.cannot_look": "die Verbindung konnte nicht versucht werden: {error}",
        "command.timeout": "{name} endete nicht innerhalb von {seconds} Sekunden",
        "command.signal": "{name} wurde durch das Signal {signal} beendet",
        "command.exit": "{name} endete mit Status {status}",
        "command.exit_said": "{name} endete mit Status {status}: {text}",
        "command.cannot_run": "{name} kann nicht gestartet werden: {error}",
        "command.still_there": "{name} läuft noch vom letzten Mal und lässt sich nicht beenden",
        "host.load.ok": "die Last je Kern beträgt {percent} Prozent",
        "host.load": "die Last je Kern beträgt {percent} Prozent, die Grenze ist {limit}",
        "host.memory_used.ok": "{percent} Prozent des Arbeitsspeichers sind belegt",
        "host.memory_used": (
            "{percent} Prozent des Arbeitsspeichers sind belegt, die Grenze ist {limit}"
        ),
        "host.swap_used.ok": "{percent} Prozent des Auslagerungsspeichers sind belegt",
        "host.swap_used": (
            "{percent} Prozent des Auslagerungsspeichers sind belegt, die Grenze ist {limit}"
        ),
        "host.disk_used.ok": "der Datenträger von {path} ist zu {percent} Prozent voll",
        "host.disk_used": (
            "der Datenträger von {path} ist zu {percent} Prozent voll, die Grenze ist {limit}"
        ),
        "host.disk_hangs": (
            "der Datenträger von {path} antwortet nicht innerhalb von {seconds} Sekunden"
        ),
        "host.no_path": "{path} gibt es nicht, also auch keinen Datenträger dazu",
        "host.cannot_look": "der Zustand des Servers ist nicht lesbar: {error}",
        "evidence.oom": "wegen Speichermangels vom OOM-Killer beendet",
        "evidence.oom_one": "einer der Prozesse wurde wegen Speichermangels vom OOM-Killer beendet",
        "evidence.status": "beendet mit dem Status {status}",
        "evidence.signal": "beendet durch Signal {signal}",
        "evidence.crash": "abgestürzt mit Signal {signal}",
        "evidence.start_limit": "der Dienst hat sein Startlimit erreicht",
        "evidence.timeout": "Start oder Stopp des Dienstes dauerte zu lange",
        "evidence.watchdog": "der Dienst antwortete seinem Watchdog nicht mehr",
        "evidence.ended": "beendet ohne Fehler",
        "self.unreachable": "Twilio ist nicht erreichbar",
        "self.credentials": "Twilio nimmt die Zugangsdaten nicht an",
        "self.suspended": "der Status des Twilio-Kontos ist {status}",
        "self.trial": (
            "das Twilio-Konto ist ein Testkonto, seine Anrufe bleiben womöglich ungehört"
        ),
        "self.balance": "das Guthaben bei Twilio beträgt nur noch {balance} {currency}",
        "self.from_unknown": "die Absendernummer gehört nicht zum Twilio-Konto",
        "self.from_mute": "die Absendernummer kann nicht anrufen",
        "self.from_no_texts": "die Absendernummer kann keine SMS senden",
        "self.geo": "das Twilio-Konto darf keine Nummern in {country} anrufen",
        "self.unreached": "Störungen, zu denen niemand erreicht wurde: {count}",
        "self.overload": "dieser Server ist zu langsam für alle Prüfungen von WatchCall",
        "self.unsaved": (
            "auf die Festplatte dieses Servers kann nicht geschrieben werden, nach "
            "einem Neustart können sich Anrufe wiederholen"
        ),
    },
    sentence=grammar.sentence,
    listed=_listed,
    clock=_clock,
    lasted=_lasted,
    point=",",
    signs=Signs(
        dot="Punkt",
        slash="Slash",
        backslash="Backslash",
        at="ät",
        equals="gleich",
        port="Port {port}",
        hex="hexadezimal {digits}",
        code="ein Code, der mit {start} beginnt",
    ),
    written=Written(
        failing={
            Level.CRITICAL: "{host}: {check} gestört seit {since}.",
            Level.WARNING: "{host}: Warnung für {check} seit {since}.",
            Level.UNKNOWN: "{host}: {check} nicht prüfbar seit {since}.",
        },
        worsened="{host}: {check} kritisch seit {rose}, leichtere Störung seit {since}.",
        several={
            Level.CRITICAL: "{host}: {count} Störungen",
            Level.WARNING: "{host}: {count} Warnungen",
            Level.UNKNOWN: "{host}: {count} Prüfungen nicht möglich",
        },
        each="{check}, {since}: {reason}",
        still={
            Level.CRITICAL: (
                "{host}: {check} weiter gestört, seit {since} ({duration}). Niemand kümmert sich "
                "darum."
            ),
            Level.WARNING: (
                "{host}: weiter Warnung für {check}, seit {since} ({duration}). Niemand kümmert "
                "sich darum."
            ),
            Level.UNKNOWN: (
                "{host}: {check} weiter nicht prüfbar, seit {since} ({duration}). Niemand kümmert "
                "sich darum."
            ),
        },
        still_several="{host}: {count} Störungen dauern an, niemand kümmert sich darum",
        unstable=(
            "{host}: {check} fällt immer wieder aus und läuft dann wieder, letzter Ausfall: "
            "{since}."
        ),
        unstable_several="{host}: {count} Prüfungen instabil",
        at_rest="Im Moment in Ordnung.",
        quiet_until=(
            "Ruhe, bis {stable} lang keine Störung war, außer eine kritische dauert {lasting}."
        ),
        recovered="{host}: {check} läuft wieder seit {until}, Dauer {duration}.",
        all_recovered="{host}: {count} Störungen behoben",
        each_recovered="{check}, {until}, Dauer {duration}",
        own_trouble="WatchCall auf {host} hat selbst ein Problem: {reason}.",
        own_recovered=(
            "WatchCall auf {host} arbeitet wieder normal seit {until}, Dauer {duration}."
        ),
        more="… und {count} weitere",
        reply="Zum Übernehmen mit {code} antworten.",
        reply_any="Zum Übernehmen mit einem Code antworten.",
        clock=_written,
    ),
    ones={
        "Sekunden": "Sekunde",
        "Bytes": "Byte",
    },
)
