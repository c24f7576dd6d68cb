"""Spanish."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

MONTHS = (
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
).split()
UNITS = {
    "second": ("un segundo", "segundos"),
    "minute": ("un minuto", "minutos"),
    "hour": ("una hora", "horas"),
    "day": ("un día", "días"),
}


def _listed(items: list[str]) -> str:
    """Before the sound of i, "y" becomes "e"."""
    sounds_like_i = re.match("h?i(?!e)", "".join(items[-1:]), re.IGNORECASE)
    return grammar.listed(items, "e" if sounds_like_i else "y")


def _hours(at: datetime, hour: str) -> str:
    return f"{'la' if at.hour == 1 else 'las'} {hour}"


def _clock(at: datetime, now: datetime) -> str:
    """Such as "las 11:55 del 19 de noviembre": it fits behind "desde" and behind "a"."""
    full = f"{at.hour}" if at.hour else "0 horas"
    spoken = _hours(at, f"{at.hour}:{at.minute:02}" if at.minute else full)
    same = at.date() == now.date()
    return spoken if same else f"{spoken} del {at.day} de {MONTHS[at.month - 1]}"


def _written(at: datetime, now: datetime) -> str:
    clock = _hours(at, f"{at.hour}:{at.minute:02}")
    return clock if at.date() == now.date() else f"{clock} del {at.day}/{at.month}"


def _lasted(duration: timedelta) -> str:
    said = [grammar.counted(number, *UNITS[unit]) for number, unit in grammar.parts(duration)]
    return " y ".join(said)


SPANISH = Language(
    tag="es",
    failing={
        Level.CRITICAL: "WatchCall en el servidor {host}: {check} falla desde {since}.",
        Level.WARNING: (
            "WatchCall en el servidor {host}: hay una advertencia de {check} desde {since}."
        ),
        Level.UNKNOWN: (
            "WatchCall en el servidor {host}: no se puede comprobar {check} desde {since}."
        ),
    },
    worsened=(
        "WatchCall en el servidor {host}: {check} está en estado crítico desde {rose}, tras un "
        "problema menor desde {since}."
    ),
    several={
        Level.CRITICAL: "WatchCall en el servidor {host}: hay {count} fallos: {checks}.",
        Level.WARNING: "WatchCall en el servidor {host}: hay {count} advertencias: {checks}.",
        Level.UNKNOWN: (
            "WatchCall en el servidor {host}: no se pueden hacer {count} comprobaciones: {checks}."
        ),
    },
    each="{check}, desde {since}: {reason}.",
    others="otros {count}",
    still={
        Level.CRITICAL: (
            "WatchCall en el servidor {host}: {check} falla desde {since}, desde hace ya "
            "{duration}, y nadie se ocupa de ello."
        ),
        Level.WARNING: (
            "WatchCall en el servidor {host}: hay una advertencia de {check} desde {since}, desde "
            "hace ya {duration}, y nadie se ocupa de ello."
        ),
        Level.UNKNOWN: (
            "WatchCall en el servidor {host}: no se puede comprobar {check} desde {since}, desde "
            "hace ya {duration}, y nadie se ocupa de ello."
        ),
    },
    still_several=(
        "WatchCall en el servidor {host}: siguen {count} fallos, y nadie se ocupa de ellos: "
        "{checks}."
    ),
    unstable=(
        "WatchCall en el servidor {host}: {check} es inestable, falla y se recupera una y otra "
        "vez; el último fallo fue a {since}."
    ),
    unstable_several=(
        "WatchCall en el servidor {host}: hay {count} comprobaciones inestables, que fallan y se "
        "recuperan una y otra vez: {checks}."
    ),
    at_rest="En este momento funciona bien.",
    quiet_until=(
        "WatchCall no volverá a avisar de esto hasta que pasen {stable} sin fallos, salvo que un "
        "fallo crítico dure {lasting}."
    ),
    recovered=(
        "WatchCall en el servidor {host}: {check} se recuperó a {until}. El fallo duró {duration}."
    ),
    all_recovered="WatchCall en el servidor {host}: {count} fallos resueltos: {checks}.",
    own_trouble="WatchCall en el servidor {host} tiene un problema propio desde {since}: {reason}.",
    own_recovered=(
        "WatchCall en el servidor {host} funciona de nuevo desde {until}. "
        "El problema propio duró {duration}."
    ),
    press_keys=(
        "Marque 1 para hacerse cargo, 2 para pasar el aviso a la siguiente persona, "
        "asterisco para volver a escucharlo."
    ),
    call_back="Para hacerse cargo, devuelva la llamada a este número.",
    acknowledged="Gracias. Usted se hace cargo de {check}.",
    all_acknowledged="Gracias. Usted se hace cargo de los {count} fallos.",
    passed="Llamo a la siguiente persona.",
    not_understood="No he entendido la opción marcada.",
    too_late="El problema ya está resuelto.",
    test=("Esta es una llamada de prueba de WatchCall en el servidor {host}. No hay ningún fallo."),
    stopped=(
        "WatchCall en el servidor {host} se ha detenido. Allí ya no se vigila nada ni se llama a "
        "nadie hasta que alguien lo inicie de nuevo."
    ),
    misconfigured="Su configuración es incorrecta.",
    between=" ",
    again="Repito.",
    repeated="Es posible que ya haya escuchado este aviso.",
    levels={
        Level.OK: "correcto",
        Level.WARNING: "advertencia",
        Level.CRITICAL: "crítico",
        Level.UNKNOWN: "desconocido",
    },
    reasons={
        "none_yet": "todavía no se ha visto nada",
        "text": "{text}",
        "check.removed": "la comprobación se ha quitado de la configuración",
        "check.changed": "la comprobación mira ahora otra cosa",
        "look.timeout": "la comprobación no dio resultado en {seconds} segundos",
        "look.crashed": "la comprobación misma ha fallado: {error}",
        "look.halted": "WatchCall o este servidor estuvo detenido durante la comprobación",
        "look.too_hard": "la búsqueda de {text} tarda demasiado",
        "look.late": "WatchCall mismo iba {seconds} segundos tarde y no pudo medir nada",
        "look.left_out": "WatchCall no tuvo tiempo para la comprobación",
        "process.running": "{name}: procesos en marcha: {count}",
        "process.none": "no hay procesos de nombre {name} en marcha",
        "process.none_like": "no hay procesos en marcha que coincidan con {name}",
        "process.none_of": "no hay procesos de {name} en marcha",
        "process.none.last": (
            "no hay procesos de nombre {name} en marcha, el último, PID {pid}, estaba {ago} antes"
        ),
        "process.none_like.last": (
            "no hay procesos en marcha que coincidan con {name}, el último, PID {pid}, estaba "
            "{ago} antes"
        ),
        "process.none_of.last": (
            "no hay procesos de {name} en marcha, el último, PID {pid}, estaba {ago} antes"
        ),
        "process.too_few": "{name}: procesos en marcha: {count}, se necesitan al menos {min}",
        "process.too_many": "{name}: procesos en marcha: {count}, se permiten como mucho {max}",
        "process.zombie": "{name} ha terminado, solo quedan procesos zombis: {count}",
        "process.memory": "{name} usa {used} megabytes de memoria, el límite es {limit}",
        "process.cpu": "{name} usa el {percent} por ciento de un núcleo, el límite es {limit}",
        "process.pidfile_missing": "falta el archivo PID {path}",
        "process.pidfile_dead": "el proceso {pid} del archivo PID {path} ya no existe",
        "process.pidfile_other": "el proceso {pid} del archivo PID {path} es otro programa",
        "process.pidfile_unreadable": "no se puede leer el archivo PID {path}: {error}",
        "process.pidfile_no_number": "el archivo PID {path} no contiene un número de proceso",
        "process.no_user": "en este servidor no hay un usuario de nombre {user}",
        "process.hidden": "WatchCall no puede ver los procesos de otros usuarios",
        "process.unreadable": ("{name}: procesos cuyo programa no puede ver WatchCall: {count}"),
        "process.cannot_look": "no se pueden leer los procesos: {error}",
        "unit.active": "{unit} está activo",
        "unit.starting": "{unit} está arrancando",
        "unit.starting_long": "{unit} tarda demasiado en arrancar",
        "unit.stopping": "{unit} se está deteniendo",
        "unit.stopping_long": "{unit} tarda demasiado en detenerse",
        "unit.ended": "{unit} ha terminado, systemd está a punto de volver a arrancarlo",
        "unit.ended_long": "{unit} ha terminado y systemd aún no ha vuelto a arrancarlo",
        "unit.again": "{unit} había terminado, systemd acaba de volver a arrancarlo",
        "unit.loop": "{unit} termina una y otra vez, systemd lo vuelve a arrancar cada vez",
        "unit.stopped": "{unit} está detenido",
        "unit.failed": "{unit} ha fallado",
        "unit.exit_code": "{unit} ha fallado con el código de salida {status}",
        "unit.signal": "{unit} fue terminado por la señal {signal}",
        "unit.core_dump": "{unit} se ha caído por un error grave",
        "unit.oom_kill": "{unit} fue terminado porque se agotó la memoria",
        "unit.watchdog": "{unit} dejó de dar señales de vida y systemd lo terminó",
        "unit.timeout": "{unit} no arrancó o no se detuvo a tiempo",
        "unit.start_limit": "{unit} ha fallado demasiadas veces, systemd ya no lo arranca",
        "unit.resources": "{unit} no se pudo arrancar, al sistema le faltan recursos",
        "unit.masked": "{unit} está enmascarado y no se puede arrancar",
        "unit.broken": "el archivo de unidad de {unit} no se puede usar",
        "unit.missing": "systemd no conoce ninguna unidad de nombre {unit}",
        "unit.cannot_look": "no se puede preguntar a systemd: {error}",
        "http.ok": "responde con el estado {status} en {ms} ms",
        "http.found": "la respuesta es la esperada",
        "http.status": "responde con el estado {status}",
        "http.lacks": "la respuesta no contiene {text}",
        "http.contains": "la respuesta contiene {text}",
        "http.unmatched": "la respuesta no coincide con {pattern}",
        "http.body_limit": "los primeros {limit} bytes de la respuesta no bastan para saberlo",
        "http.json_invalid": "la respuesta no es JSON",
        "http.json_deep": "el JSON de la respuesta tiene demasiados niveles",
        "http.json_missing": "la respuesta no tiene valor en {path}",
        "http.json_differs": "el valor en {path} es {saw} en lugar de {wanted}",
        "http.json_path": "la ruta JSON {path} no es válida: {error}",
        "http.latency": "la respuesta tardó {seconds} segundos, el límite es {limit}",
        "http.certificate.days": "días hasta que caduque el certificado: {days}",
        "http.certificate.hours": "horas hasta que caduque el certificado: {hours}",
        "http.certificate.expired": "el certificado ha caducado",
        "http.no_certificate": "la conexión no está cifrada, no hay certificado que comprobar",
        "http.dns": "el nombre {host} no tiene dirección",
        "http.no_address": "{host} no tiene dirección IP de la versión {version}",
        "http.refused": "{host} rechaza la conexión al puerto {port}",
        "http.no_connection": "no hay conexión con {host} puerto {port}: {error}",
        "http.timeout.dns": "el nombre no se resolvió en {seconds} segundos",
        "http.timeout.connect": "no hubo conexión en {seconds} segundos",
        "http.timeout.tls": "no hubo negociación TLS en {seconds} segundos",
        "http.timeout.first_byte": "no hubo respuesta en {seconds} segundos",
        "http.timeout.reading": "la respuesta no se completó en {seconds} segundos",
        "http.tls.expired": "el certificado ha caducado",
        "http.tls.not_yet_valid": "el certificado todavía no es válido",
        "http.tls.self_signed": "el certificado es autofirmado",
        "http.tls.untrusted": "el emisor del certificado no es de confianza",
        "http.tls.wrong_name": "el certificado no es de {host}",
        "http.tls.failed": "falló la conexión cifrada: {error}",
        "http.empty": "la conexión se cerró sin respuesta",
        "http.cut": "la respuesta se cortó tras {bytes} bytes",
        "http.broken": "la conexión se interrumpió: {error}",
        "http.garbage": "la respuesta no es HTTP correcto: {error}",
        "http.header_too_long": "la cabecera de la respuesta no tiene fin",
        "http.redirects": "hay más de {count} redirecciones",
        "http.redirect_invalid": "la redirección lleva a una dirección no válida: {url}",
        "http.proxy": "el proxy no ha servido: {error}",
        "http.lookups": "ya se están resolviendo {count} nombres",
        "http.descriptors": "WatchCall no puede abrir más archivos",
        "http.file_unreadable": "no se puede leer {path}: {error}",
        "http.file_no_secret": "{path} no contiene credenciales utilizables",
        "http.cannot_look": "no se pudo hacer la petición: {error}",
        "tcp.ok": "{host} acepta conexiones al puerto {port}, en {ms} ms",
        "tcp.latency": "la conexión tardó {seconds} segundos, el límite es {limit}",
        "tcp.closed": "la conexión se cerró y lo recibido no coincide con {pattern}",
        "tcp.timeout.expected": "lo recibido en {seconds} segundos no coincide con {pattern}",
        "tcp.cannot_look": "no se pudo intentar la conexión: {error}",
        "command.timeout": "{name} no terminó en {seconds} segundos",
        "command.signal": "{name} terminó por la señal {signal}",
        "command.exit": "{name} terminó con el estado {status}",
        "command.exit_said": "{name} terminó con el estado {status}: {text}",
        "command.cannot_run": "no se puede ejecutar {name}: {error}",
        "command.still_there": "{name} sigue en marcha desde la última vez y no se deja terminar",
        "host.load.ok": "la carga de cada núcleo es del {percent} por ciento",
        "host.load": "la carga de cada núcleo es del {percent} por ciento, el límite es {limit}",
        "host.memory_used.ok": "está en uso el {percent} por ciento de la memoria",
        "host.memory_used": (
            "está en uso el {percent} por ciento de la memoria, el límite es {limit}"
        ),
        "host.swap_used.ok": "está en uso el {percent} por ciento de la memoria de intercambio",
        "host.swap_used": (
            "está en uso el {percent} por ciento de la memoria de intercambio, el límite es {limit}"
        ),
        "host.disk_used.ok": "el disco de {path} está lleno al {percent} por ciento",
        "host.disk_used": (
            "el disco de {path} está lleno al {percent} por ciento, el límite es {limit}"
        ),
        "host.disk_hangs": "el disco de {path} no respondió en {seconds} segundos",
        "host.no_path": "{path} no existe, no hay disco que mirar",
        "host.cannot_look": "no se puede leer el estado del servidor: {error}",
        "evidence.oom": "lo terminó el OOM killer por falta de memoria",
        "evidence.oom_one": "el OOM killer terminó uno de sus procesos por falta de memoria",
        "evidence.status": "terminó con el estado de salida {status}",
        "evidence.signal": "terminado por la señal {signal}",
        "evidence.crash": "terminó de forma anómala con la señal {signal}",
        "evidence.start_limit": "el servicio alcanzó su límite de arranques",
        "evidence.timeout": "el servicio tardó demasiado en arrancar o en parar",
        "evidence.watchdog": "el servicio dejó de responder a su watchdog",
        "evidence.ended": "terminó sin errores",
        "self.unreachable": "no se puede contactar con Twilio",
        "self.credentials": "Twilio no acepta las credenciales",
        "self.suspended": "el estado de la cuenta de Twilio es {status}",
        "self.trial": (
            "la cuenta de Twilio es de prueba, puede que sus llamadas no lleguen a escucharse"
        ),
        "self.balance": "el saldo de la cuenta de Twilio ha bajado a {balance} {currency}",
        "self.from_unknown": "el número de origen no pertenece a la cuenta de Twilio",
        "self.from_mute": "el número de origen no puede hacer llamadas",
        "self.from_no_texts": "el número de origen no puede enviar SMS",
        "self.geo": "la cuenta de Twilio no puede llamar a números de {country}",
        "self.unreached": "fallos de los que no se pudo avisar a nadie: {count}",
        "self.overload": "este servidor es demasiado lento para todas las comprobaciones",
        "self.unsaved": (
            "no se puede escribir en el disco de este servidor, tras un reinicio "
            "pueden repetirse llamadas"
        ),
    },
    sentence=grammar.sentence,
    listed=_listed,
    clock=_clock,
    lasted=_lasted,
    point=",",
    signs=Signs(
        dot="punto",
        slash="barra",
        backslash="barra invertida",
        at="arroba",
        equals="igual a",
        port="puerto {port}",
        hex="hexadecimal {digits}",
        code="un código que empieza por {start}",
    ),
    written=Written(
        failing={
            Level.CRITICAL: "{host}: {check} falla desde {since}.",
            Level.WARNING: "{host}: advertencia de {check} desde {since}.",
            Level.UNKNOWN: "{host}: no se puede comprobar {check} desde {since}.",
        },
        worsened="{host}: {check} ha empeorado a {rose}, con problemas desde {since}.",
        several={
            Level.CRITICAL: "{host}: {count} fallos",
            Level.WARNING: "{host}: {count} advertencias",
            Level.UNKNOWN: "{host}: {count} comprobaciones imposibles",
        },
        each="{check}, desde {since}: {reason}",
        still={
            Level.CRITICAL: (
                "{host}: {check} sigue fallando desde {since} ({duration}). Nadie se ocupa de ello."
            ),
            Level.WARNING: (
                "{host}: sigue la advertencia de {check} desde {since} ({duration}). Nadie se "
                "ocupa de ello."
            ),
            Level.UNKNOWN: (
                "{host}: sigue sin poderse comprobar {check} desde {since} ({duration}). Nadie se "
                "ocupa de ello."
            ),
        },
        still_several="{host}: siguen {count} fallos, nadie se ocupa de ellos",
        unstable="{host}: {check} falla y se recupera una y otra vez, el último fallo a {since}.",
        unstable_several="{host}: {count} comprobaciones inestables",
        at_rest="En este momento funciona.",
        quiet_until=(
            "Sin más avisos hasta {stable} sin fallos, salvo que uno grave dure {lasting}."
        ),
        recovered="{host}: {check} recuperado a {until}, tras {duration}.",
        all_recovered="{host}: {count} fallos resueltos",
        each_recovered="{check}, a {until}, tras {duration}",
        own_trouble="WatchCall en {host} tiene un problema propio: {reason}.",
        own_recovered="WatchCall en {host} funciona de nuevo desde {until}, tras {duration}.",
        more="… y otros {count}",
        reply="Responda {code} para hacerse cargo.",
        reply_any="Responda con una clave para hacerse cargo.",
        clock=_written,
    ),
    ones={
        "segundos": "segundo",
        "bytes": "byte",
        "megabytes": "megabyte",
    },
)
