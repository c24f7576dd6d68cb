"""What `validate` warns of in a file that setting up has just written, in Japanese.

`doctor` finds the same, with what helps in a place of its own.
"""

from __future__ import annotations

NUMBERS = {
    "{place}: {number} is possible, but no number that its country is known to have": (
        "{place}: {number} は形は正しいものの、その国にあると知られている番号ではありません"
    ),
    "{place}: {number} is a shared-cost number, which may not ring anybody": (
        "{place}: {number} は受ける側も料金を払う番号で、つながらないことがあります"
    ),
}
# Who else may do what to the file, to its folder, and to the token beside it. A sentence that fits
# several is the first one's.
OPEN = {
    "systemd credential {name}: {path} can be read by others (mode {mode}); only root needs to": (
        "systemd の認証情報 {name}: {path} はほかのユーザーも読めます（モード {mode}）。読む必要が"
        "あるのは root だけです"
    ),
    "systemd credential {name}: {path} is a folder, and holds no secret": (
        "systemd の認証情報 {name}: {path} はディレクトリで、秘密が入っていません"
    ),
    "{path} can be read by everybody (mode {mode}), and phone numbers are in it": (
        "{path} は誰でも読めます（モード {mode}）。電話番号が書かれています"
    ),
    "{path} can be written by others (mode {mode}), who are not to say who is called": (
        "{path} はほかのユーザーも書き換えられます（モード {mode}）。誰に電話をかけるかを変えられて"
        "しまいます"
    ),
    "others can write into {folder} (mode {mode}), and put another {name} there": (
        "ほかのユーザーが {folder} に書き込めます（モード {mode}）。{name} を差し替えられてしまい"
        "ます"
    ),
    "{folder} belongs to {owner}, who can put another {name} there": (
        "{folder} の所有者は {owner} です。{name} を差し替えられてしまいます"
    ),
    "{path} belongs to {owner}, who can change it": (
        "{path} の所有者は {owner} です。内容を変えられてしまいます"
    ),
    "{path} can be read by everybody (mode {mode})": "{path} は誰でも読めます（モード {mode}）",
}
REMEDIES = {
    "chmod 600 {file}, and let it belong to the user that WatchCall runs as": (
        "chmod 600 {file} を実行し、所有者を WatchCall を動かすユーザーにしてください"
    ),
    "rmdir {file}, and write the secret into a file of that name, mode 0600": (
        "rmdir {file} を実行し、同じ名前のファイル（モード 0600）に秘密を書いてください"
    ),
    "{command}": "{command}",
}
WARNINGS = NUMBERS | {
    f"{what}: {helps}": f"{OPEN[what]}: {REMEDIES[helps]}" for what in OPEN for helps in REMEDIES
}
