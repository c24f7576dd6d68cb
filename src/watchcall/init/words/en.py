"""English."""

from __future__ import annotations

TEXTS = {
    # the beginning
    "hello": (
        "This sets up WatchCall: who is called, and for what. Nothing is written before you say so."
    ),
    "keys": "Enter takes what stands in [brackets], ? explains, < goes back, Ctrl-C ends it all.",
    "exists": "{path} is there already.",
    "exists.ask": "Write a new one? The old one stays beside it as {backup} [y/N]",
    "exists.kept": "{path} was left as it is.",
    "looking": "Looking at what runs on this machine …",
    "file_goes": "File: {path}",
    # sections
    "section.1": "Twilio account",
    "section.2": "Credentials",
    "section.3": "Caller number",
    "section.4": "People",
    "section.5": "Recoveries",
    "section.6": "Checks",
    # questions
    "ask.sid": "Account SID",
    "ask.means": (
        "How does Twilio know you?\n"
        "  1  the auth token of the account\n"
        "  2  an API key and its secret\n"
        "Number"
    ),
    "ask.token": "Auth token (what you type is not shown)",
    "ask.key_sid": "SID of the API key",
    "ask.key_secret": "Secret of the API key (what you type is not shown)",
    "ask.caller": "The number that calls",
    "ask.name": "Name of the person who is called first",
    "ask.name_next": "Name of the next person",
    "ask.phone": "Phone number of {name}",
    "ask.language": "Language in which {name} is spoken to:\n{choices}\nNumber, or a tag",
    "ask.language_next": "Language in which {name} is spoken to (number or tag; ? lists them)",
    "ask.more": "One more person, who is called when nobody before was reached? [y/N]",
    "ask.more_yes": "One more person, who is called when nobody before was reached? [Y/n]",
    "ask.recoveries": "Call again when what failed works again? [y/N]",
    "ask.recoveries_yes": "Call again when what failed works again? [Y/n]",
    "ask.checks": "Enter takes what is ticked; 2 or 3-5 changes a tick; ? says what else",
    "kept_secret": "Enter keeps the one you gave",
    # what ? says
    "help.sid": (
        "AC and 32 hexadecimal digits: the first page of the Twilio console, under Account Info. "
        "It is no secret."
    ),
    "help.means": (
        "The auth token stands beside the account SID in the console. An API key (Account, API "
        "keys & tokens) can be revoked by itself; take a standard or a main key."
    ),
    "help.token": (
        "32 hexadecimal digits: the first page of the Twilio console, under Account Info, Show. "
        "It is written into a file of its own that only its owner can read, and nowhere else."
    ),
    "help.key_sid": "SK and 32 hexadecimal digits.",
    "help.key_secret": (
        "The console shows it once, when the key is made. It is written into a file of its own "
        "that only its owner can read, and nowhere else."
    ),
    "help.caller": (
        "A number of the Twilio account that can make calls (console: Phone Numbers, Active "
        "numbers). It is what the phone shows. Best written as +, country code, number."
    ),
    "help.name": (
        "How you call the person. It stands in tables and logs, and is what you write in "
        "`watchcall test-call NAME`."
    ),
    "help.phone": (
        "The phone that rings. International (+819012345678), or as it is written in {country}."
    ),
    "help.phone_anywhere": "The phone that rings: +, country code, number, as +819012345678.",
    "help.language": "What fails is said in this language:\n{choices}",
    "help.more": (
        "People are called in this order: the next one at once when nobody answers, the line is "
        "busy or a machine picks up; three times through the whole list."
    ),
    "help.recoveries": (
        "Without it the phone rings for failures only; `watchcall status` shows the rest."
    ),
    "help.checks": (
        "Numbers tick, or take a tick away: 2, or 3-5 7; `all` and `none` too. A URL, a unit "
        "such as httpd.service or process:NAME adds a check.\n"
        "A unit is looked at through systemd, which tells at once when it fails. A URL has to "
        "answer as it does now. The disk is a failure from 95 % on. All of it can be changed in "
        "the file later."
    ),
    "help.review": "Nothing is written yet.",
    # choices
    "language.ja-JP": "Japanese",
    "language.en-US": "English (US)",
    "language.en-GB": "English (GB)",
    "language.de-DE": "German",
    "language.fr-FR": "French",
    "language.es-ES": "Spanish (Spain)",
    "language.es-MX": "Spanish (Mexico)",
    "language.cmn-CN": "Chinese (Mandarin)",
    "language.ko-KR": "Korean",
    # what was found
    "found": "Found on this machine:",
    "offer.unit": "unit {target}, runs",
    "offer.unit_down": "unit {target}, does not run",
    "offer.process": "process {target}, runs",
    "offer.http": "{target} answers {status}",
    "offer.http_owner": "{target} answers {status} ({owner})",
    "offer.added": "{kind}: {target}",
    "offer.host": "disk {target} is {used} % full",
    # what was understood
    "is_number": "= {number}",
    "characters": "{count} characters",
    # refusals
    "refused.sid": (
        "{given} is no account SID: AC and 32 hexadecimal digits (these are {length} characters)"
    ),
    "refused.sid_case": "the digits are right; the {kind} in front of them is in capitals",
    "refused.sid_key": (
        "this is the SID of an API key; the account's begins with AC. The key comes next"
    ),
    "refused.key_sid": (
        "{given} is no SID of an API key: SK and 32 hexadecimal digits (these are {length} "
        "characters)"
    ),
    "refused.secret": (
        "a secret is one word of printable characters, without spaces or quotes, and no SID"
    ),
    "refused.secret_empty": "nothing was typed; it is needed to call",
    "refused.choice": "type a number from 1 to {most}",
    "refused.number_empty": "a number is needed, such as {hint}",
    "refused.number_odd": (
        "{given} is no phone number; write it as +, country code, number, such as {hint}"
    ),
    "refused.number_country": (
        "it is not clear in which country {given} is; write it as +, country code, number, such "
        "as {hint}"
    ),
    "refused.number_short": (
        "{given} is a short or emergency number; a person's own is needed, such as {hint}"
    ),
    "refused.number_impossible": (
        "{given} is not possible as a phone number: too long, too short or of no country; write "
        "it as +, country code, number, such as {hint}"
    ),
    "refused.number_trunk": (
        "{given} keeps a digit that is dialled only inside its country; is it {hint}?"
    ),
    "refused.number_unknown": (
        "{given} is possible, but no number that its country is known to have; type it once more "
        "to take it nevertheless"
    ),
    "refused.number_shared": (
        "{given} is a shared-cost number, which may not ring anybody; type it once more to take "
        "it nevertheless"
    ),
    "refused.number_caller": "{given} is the number that calls; it cannot call itself",
    "refused.number_premium": (
        "{given} is a premium-rate number: who answers is paid for it; a person's own is needed"
    ),
    "refused.number_taken": "{given} is the number of {name} already",
    "refused.name_empty": "a name is needed",
    "refused.name_number": "a name is needed first, the number comes next",
    "refused.name_odd": "a name is one line of at most 200 characters, without control characters",
    "refused.name_taken": "{name} is in the list already; give this one another name",
    "refused.language": (
        "{given} is no language that WatchCall speaks; a number of the list, or one of {known}"
    ),
    "refused.yes_no": "answer y or n",
    "refused.checks_none": "one check at least: without any there is nothing to watch",
    "refused.checks_number": "{given} is not in the list, which goes from 1 to {most}",
    "refused.check_unknown": (
        "{given} is nothing that was found; meant was perhaps {hint}. A URL, a unit such as "
        "httpd.service or process:NAME can be added"
    ),
    "refused.url": (
        "a URL is needed, such as http://127.0.0.1:8080/health, without a password in it"
    ),
    "refused.process": "a process's name is one line, as ps -o comm shows it",
    "refused.unit": "{given} is no name of a systemd unit, such as httpd.service",
    "refused.unit_unknown": "systemd knows no unit {given}; near is {hint}",
    "refused.contact": "{given} has no number; write NAME=NUMBER, such as kei=+819012345678",
    "refused.api_url": (
        "--api-url {given}: Twilio over https, or a loopback address such as http://127.0.0.1:8129"
    ),
    "refused.secret_file": "{path} cannot be read: {why}",
    "refused.secret_both": "only one secret can come from standard input",
    "refused.hidden": "this terminal cannot hide what is typed; use --token-file FILE",
    # the summary
    "review": "This is what will be written:",
    "review.account": "{sid}",
    "review.account_api": "{sid} at {api_url}",
    "review.token": "auth token, {count} characters, into {path} (mode 0600)",
    "review.key": "API key {sid}, its secret into {path} (mode 0600)",
    "review.person": "{name}  {phone}  {language}",
    "review.recoveries_yes": "are called too",
    "review.recoveries_no": "call nobody",
    "review.file": "{path} (mode {mode})",
    "review.file_group": "{path} (mode {mode}, group {group})",
    "ask.review": "Enter writes it, a number changes that part, q ends without writing",
    "refused.review": "Enter, a number from 1 to {most}, or q",
    # the end
    "written": "Written: {path}",
    "kept": "The old one is kept: {backup}",
    "kept_old_secret": (
        "The old secret is kept: {backup}; once the new one works, it is yours to remove"
    ),
    "no_group": (
        "There is no group watchcall yet, so only root can read it. After systemd-sysusers: "
        "chgrp watchcall {path}"
    ),
    "warning": "warning: {text}",
    "doctor": "Can people be called? watchcall doctor:",
    "wrong": "Twilio refuses something of this: {what}. The file stays as it is.",
    "wrong.credentials": "account or credentials",
    "wrong.from": "the number that calls",
    "wrong.ask": "Correct that now? [Y/n]",
    "ring.ask": "Ring {name} now, as a test? [y/N]",
    "next": "What comes next:",
    "next.start": "start it, now and at every boot",
    "next.reload": "it runs: let it take the new file and token",
    "next.install": "lay down the unit, which is not there yet; see docs/how-to/install.md",
    "next.run": "run it in this terminal; as a service: docs/how-to/install.md",
    "next.status": "how everything is",
    "next.test": "ring somebody",
    "next.edit": "after a change of the file; {example} explains every key",
    "stopped": "Ended. Nothing was written.",
    "stopped_later": "Ended. {path} is written and whole.",
    "missing": "there is no terminal to ask at, and these are missing:",
    "missing.account_sid": "--account-sid SID",
    "missing.secret": (
        "--token-file FILE (- is standard input), WATCHCALL_TWILIO__AUTH_TOKEN in the "
        "environment, or --api-key-sid SID with --api-key-secret-file FILE"
    ),
    "missing.key_secret": (
        "--api-key-secret-file FILE (- is standard input), or WATCHCALL_TWILIO__API_KEY_SECRET "
        "in the environment"
    ),
    "missing.caller": "--from NUMBER",
    "missing.people": "--contact NAME=NUMBER",
    "missing.checks": (
        "--check WHAT, --all-found, --no-checks, or --yes for what is usual of what is found"
    ),
    "refuse_overwrite": (
        "{path} is there already; --force writes a new one and keeps it as {backup}"
    ),
    "unwritable": "{path} cannot be written: {why}",
    "why.denied": "permission denied",
    "why.read_only": (
        "the file system is read-only; mount it writable, or name another place with --config"
    ),
    "why.full": "no space left on the disk",
    "why.folder": "is a directory",
    "why.no_folder": "a part of the path is not a directory",
    "try_root": "run it as root (sudo watchcall init), or name a file of your own with --config",
    # comments in the file
    "file.head": (
        "WatchCall: what is watched, and whose phone rings.\n"
        "Written by `watchcall init`; it is yours to change. {example} shows every key."
        "\n"
        "`watchcall validate` says all that is wrong, and who would be called."
    ),
    "file.apply": "After a change: {command}",
    "file.account_sid": "From the first page of the Twilio console. No secret.",
    "file.secret_system": (
        "The secret stands in a file of its own that only root can read. systemd hands it to the "
        "daemon,\n"
        "as watchcall.service says."
    ),
    "file.secret_own": "The secret stands in a file of its own that only its owner can read.",
    "file.api_key": "An API key takes the place of the auth token.",
    "file.from": "The number that is shown to the person who is called: one of the account's own.",
    "file.api_url": (
        "Not Twilio itself: the simulator on this machine. Take this line away to call for real."
    ),
    "file.host": (
        "How this server is called, in text and in speech. Without it: the machine's host name."
    ),
    "file.recoveries": "Are recoveries called too?",
    "file.people": (
        "The people. They are called in this order, the next one when nobody answers; quiet "
        "hours,\n"
        "texts and groups: {example}."
    ),
    "file.language": "What the person is spoken to in (BCP 47).",
    "file.checks": (
        "What is watched. Three failed looks in a row, 30 seconds apart and then 5, are a failure."
    ),
    "file.spoken": "How it is said, where that differs from the name.",
    "file.unit": "systemd tells at once when it fails.",
    "file.http": "It answered {status} when this was written.",
    "file.tls": "Loopback is in no certificate.",
    "file.host_check": "A failure when the disk is so full, in percent.",
}
