"""French."""

from __future__ import annotations

from datetime import datetime, timedelta

from watchcall.core.health import Level
from watchcall.core.speakable import Signs
from watchcall.core.words import grammar
from watchcall.core.words.language import Language, Written

MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
).split()
UNITS = {
    "second": ("une seconde", "secondes"),
    "minute": ("une minute", "minutes"),
    "hour": ("une heure", "heures"),
    "day": ("un jour", "jours"),
}


def _listed(items: list[str]) -> str:
    return grammar.listed(items, "et")


def _clock(at: datetime, now: datetime) -> str:
    """Such as "11h55 le 19 novembre": it fits behind "depuis" and behind "à"."""
    spoken = f"{at.hour}h{f'{at.minute:02}' if at.minute else ''}"
    day = "1er" if at.day == 1 else at.day
    same = at.date() == now.date()
    return spoken if same else f"{spoken} le {day} {MONTHS[at.month - 1]}"


def _written(at: datetime, now: datetime) -> str:
    clock = f"{at.hour}h{at.minute:02}"
    return clock if at.date() == now.date() else f"{clock} le {at:%d/%m}"


def _is_one(number: float) -> bool:
    """French counts in the plural from two on."""
    return abs(number) < 2


def _lasted(duration: timedelta) -> str:
    said = [grammar.counted(number, *UNITS[unit]) for number, unit in grammar.parts(duration)]
    return "0 seconde" if said == ["0 secondes"] else " et ".join(said)


FRENCH = Language(
    tag="fr",
    failing={
        Level.CRITICAL: "WatchCall sur le serveur {host} : {check} est en panne depuis {since}.",
        Level.WARNING: (
            "WatchCall sur le serveur {host} : il y a une alerte pour {check} depuis {since}."
        ),
        Level.UNKNOWN: (
            "WatchCall sur le serveur {host} n'arrive pas à vérifier {check} depuis {since}."
        ),
    },
    worsened=(
        "WatchCall sur le serveur {host} : {check} est dans un état critique depuis {rose}, après "
        "un problème moins grave depuis {since}."
    ),
    several={
        Level.CRITICAL: "WatchCall sur le serveur {host} : il y a {count} pannes : {checks}.",
        Level.WARNING: "WatchCall sur le serveur {host} : il y a {count} alertes : {checks}.",
        Level.UNKNOWN: (
            "WatchCall sur le serveur {host} : {count} vérifications sont impossibles : {checks}."
        ),
    },
    each="{check}, depuis {since} : {reason}.",
    others="{count} autres",
    still={
        Level.CRITICAL: (
            "WatchCall sur le serveur {host} : {check} est en panne depuis {since}, cela fait "
            "{duration}, et personne ne s'en occupe."
        ),
        Level.WARNING: (
            "WatchCall sur le serveur {host} : il y a une alerte pour {check} depuis {since}, cela "
            "fait {duration}, et personne ne s'en occupe."
        ),
        Level.UNKNOWN: (
            "WatchCall sur le serveur {host} n'arrive pas à vérifier {check} depuis {since}, cela "
            "fait {duration}, et personne ne s'en occupe."
        ),
    },
    still_several=(
        "WatchCall sur le serveur {host} : {count} pannes durent toujours, et personne ne s'en "
        "occupe : {checks}."
    ),
    unstable=(
        "WatchCall sur le serveur {host} : {check} est instable, les pannes et les rétablissements "
        "se succèdent, et la dernière panne date de {since}."
    ),
    unstable_several=(
        "WatchCall sur le serveur {host} : {count} vérifications sont instables, les pannes et les "
        "rétablissements se succèdent : {checks}."
    ),
    at_rest="En ce moment, tout va bien.",
    quiet_until=(
        "WatchCall n'en dira plus rien avant {stable} sans panne, sauf si une panne critique dure "
        "{lasting}."
    ),
    recovered=(
        "WatchCall sur le serveur {host} : {check} est rétabli depuis {until}. "
        "La panne a duré {duration}."
    ),
    all_recovered="WatchCall sur le serveur {host} : {count} pannes sont terminées : {checks}.",
    own_trouble="WatchCall sur le serveur {host} a un problème interne depuis {since} : {reason}.",
    own_recovered=(
        "WatchCall sur le serveur {host} fonctionne à nouveau depuis {until}. "
        "Son problème interne a duré {duration}."
    ),
    press_keys=(
        "Tapez 1 pour prendre la panne en charge, 2 pour passer à la personne suivante, "
        "étoile pour réécouter."
    ),
    call_back="Pour prendre la panne en charge, rappelez ce numéro.",
    acknowledged="Merci. Vous prenez en charge {check}.",
    all_acknowledged="Merci. Vous prenez en charge les {count} pannes.",
    passed="J'appelle la personne suivante.",
    not_understood="Je n'ai pas compris votre choix.",
    too_late="Le problème est déjà résolu.",
    test=("Ceci est un appel de test de WatchCall sur le serveur {host}. Il n'y a aucune panne."),
    stopped=(
        "WatchCall sur le serveur {host} s'est arrêté. Plus rien n'y est surveillé et plus "
        "personne n'est appelé, jusqu'à ce que quelqu'un le redémarre."
    ),
    misconfigured="Sa configuration est incorrecte.",
    between=" ",
    again="Je répète.",
    repeated="Vous avez peut-être déjà entendu ce message.",
    levels={
        Level.OK: "normal",
        Level.WARNING: "alerte",
        Level.CRITICAL: "critique",
        Level.UNKNOWN: "inconnu",
    },
    reasons={
        "none_yet": "encore rien observé",
        "text": "{text}",
        "check.removed": "la vérification a été retirée de la configuration",
        "check.changed": "la vérification porte maintenant sur autre chose",
        "look.timeout": "la vérification n'a rien donné en {seconds} secondes",
        "look.crashed": "la vérification a elle-même échoué : {error}",
        "look.halted": "WatchCall ou ce serveur était à l'arrêt pendant la vérification",
        "look.too_hard": "la recherche de {text} prend trop de temps",
        "look.late": "WatchCall avait lui-même {seconds} secondes de retard et n'a rien pu mesurer",
        "look.left_out": "WatchCall n'a pas eu le temps de vérifier",
        "process.running": "{name} : processus en cours : {count}",
        "process.none": "aucun processus nommé {name} n'est en cours",
        "process.none_like": "aucun processus en cours ne correspond à {name}",
        "process.none_of": "aucun processus de {name} n'est en cours",
        "process.none.last": (
            "aucun processus nommé {name} n'est en cours, le dernier, PID {pid}, était là "
            "{ago} plus tôt"
        ),
        "process.none_like.last": (
            "aucun processus en cours ne correspond à {name}, le dernier, PID {pid}, était là "
            "{ago} plus tôt"
        ),
        "process.none_of.last": (
            "aucun processus de {name} n'est en cours, le dernier, PID {pid}, était là "
            "{ago} plus tôt"
        ),
        "process.too_few": "{name} : processus en cours : {count}, il en faut au moins {min}",
        "process.too_many": "{name} : processus en cours : {count}, le maximum est {max}",
        "process.zombie": "{name} s'est terminé, il ne reste que des zombies : {count}",
        "process.memory": "{name} utilise {used} mégaoctets de mémoire, la limite est {limit}",
        "process.cpu": "{name} utilise {percent} pour cent d'un processeur, la limite est {limit}",
        "process.pidfile_missing": "le fichier PID {path} est absent",
        "process.pidfile_dead": "le processus {pid} du fichier PID {path} n'existe plus",
        "process.pidfile_other": (
            "le processus {pid} du fichier PID {path} est un autre programme"
        ),
        "process.pidfile_unreadable": "le fichier PID {path} est illisible : {error}",
        "process.pidfile_no_number": (
            "le fichier PID {path} ne contient pas de numéro de processus"
        ),
        "process.no_user": "ce serveur n'a pas d'utilisateur nommé {user}",
        "process.hidden": "WatchCall ne peut pas voir les processus des autres utilisateurs",
        "process.unreadable": (
            "{name} : processus dont WatchCall ne peut pas voir le programme : {count}"
        ),
        "process.cannot_look": "la liste des processus est illisible : {error}",
        "unit.active": "{unit} est actif",
        "unit.starting": "{unit} est en train de démarrer",
        "unit.starting_long": "{unit} met trop de temps à démarrer",
        "unit.stopping": "{unit} est en train de s'arrêter",
        "unit.stopping_long": "{unit} met trop de temps à s'arrêter",
        "unit.ended": "{unit} s'est terminé, systemd va le relancer",
        "unit.ended_long": "{unit} s'est terminé, et systemd ne l'a pas encore relancé",
        "unit.again": "{unit} s'était terminé, systemd vient de le relancer",
        "unit.loop": "{unit} se termine sans cesse, systemd le relance chaque fois",
        "unit.stopped": "{unit} est arrêté",
        "unit.failed": "{unit} a échoué",
        "unit.exit_code": "{unit} a échoué avec le code de sortie {status}",
        "unit.signal": "{unit} a été tué par le signal {signal}",
        "unit.core_dump": "{unit} a planté",
        "unit.oom_kill": "{unit} a été tué faute de mémoire",
        "unit.watchdog": "{unit} ne donnait plus signe de vie, systemd y a mis fin",
        "unit.timeout": "{unit} n'a pas démarré ou ne s'est pas arrêté à temps",
        "unit.start_limit": "{unit} a échoué trop souvent, systemd ne le relance plus",
        "unit.resources": "{unit} n'a pas pu démarrer, le système manque de ressources",
        "unit.masked": "{unit} est masqué et ne peut pas démarrer",
        "unit.broken": "le fichier d'unité de {unit} est inutilisable",
        "unit.missing": "systemd ne connaît aucune unité nommée {unit}",
        "unit.cannot_look": "systemd ne peut pas être interrogé : {error}",
        "http.ok": "réponse avec le statut {status} en {ms} ms",
        "http.found": "la réponse est conforme",
        "http.status": "la réponse a le statut {status}",
        "http.lacks": "la réponse ne contient pas {text}",
        "http.contains": "la réponse contient {text}",
        "http.unmatched": "la réponse ne correspond pas à {pattern}",
        "http.body_limit": (
            "les {limit} premiers octets de la réponse ne suffisent pas pour en juger"
        ),
        "http.json_invalid": "la réponse n'est pas du JSON",
        "http.json_deep": "le JSON de la réponse a trop de niveaux",
        "http.json_missing": "la réponse n'a pas de valeur à {path}",
        "http.json_differs": "la valeur à {path} est {saw} au lieu de {wanted}",
        "http.json_path": "le chemin JSON {path} n'est pas valide : {error}",
        "http.latency": "la réponse a pris {seconds} secondes, la limite est {limit}",
        "http.certificate.days": "jours avant l'expiration du certificat : {days}",
        "http.certificate.hours": "heures avant l'expiration du certificat : {hours}",
        "http.certificate.expired": "le certificat a expiré",
        "http.no_certificate": (
            "la connexion n'est pas chiffrée, il n'y a pas de certificat à vérifier"
        ),
        "http.dns": "le nom {host} n'a pas d'adresse",
        "http.no_address": "{host} n'a pas d'adresse IP de version {version}",
        "http.refused": "{host} refuse la connexion au port {port}",
        "http.no_connection": "pas de connexion à {host} port {port} : {error}",
        "http.timeout.dns": "le nom n'a pas été résolu en {seconds} secondes",
        "http.timeout.connect": "pas de connexion en {seconds} secondes",
        "http.timeout.tls": "pas de négociation TLS en {seconds} secondes",
        "http.timeout.first_byte": "pas de réponse en {seconds} secondes",
        "http.timeout.reading": "la réponse n'est pas arrivée entière en {seconds} secondes",
        "http.tls.expired": "le certificat a expiré",
        "http.tls.not_yet_valid": "le certificat n'est pas encore valable",
        "http.tls.self_signed": "le certificat est auto-signé",
        "http.tls.untrusted": "l'autorité qui a émis le certificat est inconnue",
        "http.tls.wrong_name": "le certificat n'est pas celui de {host}",
        "http.tls.failed": "la connexion chiffrée a échoué : {error}",
        "http.empty": "la connexion s'est fermée sans réponse",
        "http.cut": "la réponse s'est interrompue après {bytes} octets",
        "http.broken": "la connexion s'est interrompue : {error}",
        "http.garbage": "la réponse n'est pas du HTTP correct : {error}",
        "http.header_too_long": "l'en-tête de la réponse n'a pas de fin",
        "http.redirects": "plus de {count} redirections",
        "http.redirect_invalid": "la redirection mène à une adresse non valide : {url}",
        "http.proxy": "le proxy n'a pas fonctionné : {error}",
        "http.lookups": "{count} noms sont déjà en cours de résolution",
        "http.descriptors": "WatchCall ne peut plus ouvrir de fichier",
        "http.file_unreadable": "{path} est illisible : {error}",
        "http.file_no_secret": "{path} ne contient pas d'identifiants utilisables",
        "http.cannot_look": "la requête n'a pas pu être envoyée : {error}",
        "tcp.ok": "{host} accepte les connexions au port {port}, en {ms} ms",
        "tcp.latency": "la connexion a pris {seconds} secondes, la limite est {limit}",
        "tcp.closed": (
            "la connexion s'est fermée et les données reçues ne correspondent pas à {pattern}"
        ),
        "tcp.timeout.expected": (
            "les données reçues en {seconds} secondes ne correspondent pas à {pattern}"
        ),
        "tcp.cannot_look": "la connexion n'a pas pu être tentée : {error}",
        "command.timeout": "{name} ne s'est pas terminé en {seconds} secondes",
        "command.signal": "{name} a été arrêté par le signal {signal}",
        "command.exit": "{name} s'est terminé avec le statut {status}",
        "command.exit_said": "{name} s'est terminé avec le statut {status} : {text}",
        "command.cannot_run": "{name} ne peut pas être lancé : {error}",
        "command.still_there": (
            "{name} tourne encore depuis la dernière fois et ne se laisse pas arrêter"
        ),
        "host.load.ok": "la charge de chaque cœur est de {percent} pour cent",
        "host.load": "la charge de chaque cœur est de {percent} pour cent, la limite est {limit}",
        "host.memory_used.ok": "la mémoire est occupée à {percent} pour cent",
        "host.memory_used": ("la mémoire est occupée à {percent} pour cent, la limite est {limit}"),
        "host.swap_used.ok": "la mémoire d'échange est occupée à {percent} pour cent",
        "host.swap_used": (
            "la mémoire d'échange est occupée à {percent} pour cent, la limite est {limit}"
        ),
        "host.disk_used.ok": "le disque de {path} est plein à {percent} pour cent",
        "host.disk_used": (
            "le disque de {path} est plein à {percent} pour cent, la limite est {limit}"
        ),
        "host.disk_hangs": "le disque de {path} n'a pas répondu en {seconds} secondes",
        "host.no_path": "{path} n'existe pas, il n'y a pas de disque à regarder",
        "host.cannot_look": "l'état du serveur est illisible : {error}",
        "evidence.oom": "arrêté par l'OOM killer, faute de mémoire",
        "evidence.oom_one": "un de ses processus a été arrêté par l'OOM killer, faute de mémoire",
        "evidence.status": "terminé avec le code de sortie {status}",
        "evidence.signal": "arrêté par le signal {signal}",
        "evidence.crash": "planté avec le signal {signal}",
        "evidence.start_limit": "le service a atteint sa limite de démarrages",
        "evidence.timeout": "le service a mis trop de temps à démarrer ou à s'arrêter",
        "evidence.watchdog": "le service ne répondait plus à son watchdog",
        "evidence.ended": "terminé sans erreur",
        "self.unreachable": "Twilio est injoignable",
        "self.credentials": "Twilio refuse les identifiants",
        "self.suspended": "le statut du compte Twilio est {status}",
        "self.trial": (
            "le compte Twilio est un compte d'essai, ses appels peuvent rester sans effet"
        ),
        "self.balance": "le solde du compte Twilio n'est plus que de {balance} {currency}",
        "self.from_unknown": "le numéro d'appel n'appartient pas au compte Twilio",
        "self.from_mute": "le numéro d'appel ne peut pas passer d'appels",
        "self.from_no_texts": "le numéro d'appel ne peut pas envoyer de SMS",
        "self.geo": "le compte Twilio ne peut pas appeler de numéros en {country}",
        "self.unreached": "pannes pour lesquelles personne n'a été joint : {count}",
        "self.overload": "ce serveur est trop lent pour toutes les vérifications de WatchCall",
        "self.unsaved": (
            "impossible d'écrire sur le disque de ce serveur, des appels peuvent "
            "se répéter après un redémarrage"
        ),
    },
    sentence=grammar.sentence,
    listed=_listed,
    clock=_clock,
    lasted=_lasted,
    point=",",
    signs=Signs(
        dot="point",
        slash="barre",
        backslash="antislash",
        at="arobase",
        equals="égale",
        port="sur le port {port}",
        hex="hexadécimal {digits}",
        code="un code qui commence par {start}",
    ),
    written=Written(
        failing={
            Level.CRITICAL: "{host} : {check} en panne depuis {since}.",
            Level.WARNING: "{host} : alerte pour {check} depuis {since}.",
            Level.UNKNOWN: "{host} : impossible de vérifier {check} depuis {since}.",
        },
        worsened="{host} : {check} critique depuis {rose}, problème moins grave depuis {since}.",
        several={
            Level.CRITICAL: "{host} : {count} pannes",
            Level.WARNING: "{host} : {count} alertes",
            Level.UNKNOWN: "{host} : {count} vérifications impossibles",
        },
        each="{check}, {since} : {reason}",
        still={
            Level.CRITICAL: (
                "{host} : {check} toujours en panne, depuis {since} ({duration}). Personne ne s'en "
                "occupe."
            ),
            Level.WARNING: (
                "{host} : toujours une alerte pour {check}, depuis {since} ({duration}). Personne "
                "ne s'en occupe."
            ),
            Level.UNKNOWN: (
                "{host} : toujours impossible de vérifier {check}, depuis {since} ({duration}). "
                "Personne ne s'en occupe."
            ),
        },
        still_several="{host} : {count} pannes durent toujours, personne ne s'en occupe",
        unstable=(
            "{host} : {check} instable, pannes et rétablissements se succèdent, dernière panne à "
            "{since}."
        ),
        unstable_several="{host} : {count} vérifications instables",
        at_rest="En ce moment, tout va bien.",
        quiet_until=(
            "Plus de message avant {stable} sans panne, sauf si une panne critique dure {lasting}."
        ),
        recovered="{host} : {check} rétabli à {until}, après {duration}.",
        all_recovered="{host} : {count} pannes terminées",
        each_recovered="{check}, {until}, après {duration}",
        own_trouble="WatchCall sur {host} a un problème interne : {reason}.",
        own_recovered="WatchCall sur {host} fonctionne à nouveau depuis {until}, après {duration}.",
        more="… et {count} de plus",
        reply="Répondez {code} pour prendre en charge.",
        reply_any="Répondez avec un code pour prendre en charge.",
        clock=_written,
    ),
    ones={
        "secondes": "seconde",
        "octets": "octet",
        "mégaoctets": "mégaoctet",
    },
    is_one=_is_one,
)
