"""Japanese."""

from __future__ import annotations

TEXTS = {
    # the beginning
    "hello": (
        "WatchCall の設定をします。誰に、何があったときに電話をかけるかを決めます。最後に確認する"
        "まで、何も書き込みません。"
    ),
    "keys": "Enter で [ ] の中の値を使います。? で説明、< でひとつ前に戻り、Ctrl-C で終了します。",
    "exists": "{path} はすでにあります。",
    "exists.ask": "新しく書きますか？ 古いファイルは {backup} として残します [y/N]",
    "exists.kept": "{path} はそのままです。",
    "looking": "このマシンで動いているものを調べています …",
    "file_goes": "ファイル: {path}",
    # sections
    "section.1": "Twilio アカウント",
    "section.2": "認証情報",
    "section.3": "発信番号",
    "section.4": "連絡先",
    "section.5": "復旧の連絡",
    "section.6": "監視する対象",
    # questions
    "ask.sid": "アカウント SID",
    "ask.means": (
        "Twilio への認証方法:\n  1  アカウントの Auth Token\n  2  API キーとそのシークレット\n番号"
    ),
    "ask.token": "Auth Token（入力は表示されません）",
    "ask.key_sid": "API キーの SID",
    "ask.key_secret": "API キーのシークレット（入力は表示されません）",
    "ask.caller": "発信に使う番号",
    "ask.name": "最初に電話を受ける人の名前",
    "ask.name_next": "次の人の名前",
    "ask.phone": "{name} の電話番号",
    "ask.language": "{name} に読み上げる言語:\n{choices}\n番号、または言語タグ",
    "ask.language_next": "{name} に読み上げる言語（番号か言語タグ、? で一覧）",
    "ask.more": "前の人につながらないときに電話する人を追加しますか？ [y/N]",
    "ask.more_yes": "前の人につながらないときに電話する人を追加しますか？ [Y/n]",
    "ask.recoveries": "復旧したときにも電話しますか？ [y/N]",
    "ask.recoveries_yes": "復旧したときにも電話しますか？ [Y/n]",
    "ask.checks": "Enter で印の付いたものを監視、2 や 3-5 で印を切り替え、? で説明",
    "kept_secret": "Enter で先に入力したものを使います",
    # what ? says
    "help.sid": (
        "AC と 16 進数 32 桁です。Twilio コンソールの最初のページの Account Info にあります。秘密"
        "ではありません。"
    ),
    "help.means": (
        "Auth Token はコンソールのアカウント SID の隣にあります。API キー（Account の API keys & "
        "tokens）は単独で無効にできます。Standard か Main のキーを使ってください。"
    ),
    "help.token": (
        "16 進数 32 桁です。Twilio コンソールの最初のページの Account Info で Show を押すと見られ"
        "ます。所有者だけが読めるファイルに書き、ほかの場所には書きません。"
    ),
    "help.key_sid": "SK と 16 進数 32 桁です。",
    "help.key_secret": (
        "キーを作ったときに一度だけコンソールに表示されます。所有者だけが読めるファイルに書き、ほ"
        "かの場所には書きません。"
    ),
    "help.caller": (
        "Twilio アカウントの、音声通話ができる番号です（コンソールの Phone Numbers の Active "
        "numbers）。電話機に表示されます。+ と国番号から書くと確実です。"
    ),
    "help.name": (
        "その人の呼び名です。表やログに出て、`watchcall test-call 名前` のように使います。"
    ),
    "help.phone": (
        "鳴らす電話です。国際形式（+819012345678）か、国内の書き方（090-1234-5678 など。国は "
        "{country}）で入力します。"
    ),
    "help.phone_anywhere": "鳴らす電話です。+819012345678 のように、+ と国番号から書きます。",
    "help.language": "障害の内容をこの言語で読み上げます:\n{choices}",
    "help.more": (
        "この順に電話します。出ない、話し中、留守番電話のときはすぐに次の人にかけ、全員を 3 回ま"
        "で繰り返します。"
    ),
    "help.recoveries": (
        "電話しない場合、障害のときだけ鳴ります。復旧は `watchcall status` で分かります。"
    ),
    "help.checks": (
        "番号で印を付けたり消したりします（2、3-5 7 など。all と none も使えます）。URL、"
        "httpd.service のようなユニット名、process:名前 で追加します。\n"
        "ユニットは systemd を通して見ます。落ちるとすぐに知らされます。URL は今と同じように応答"
        "することを求めます。ディスクは 95 % から障害です。どれも後でファイルで変えられます。"
    ),
    "help.review": "まだ何も書き込んでいません。",
    # choices
    "language.ja-JP": "日本語",
    "language.en-US": "英語（米国）",
    "language.en-GB": "英語（英国）",
    "language.de-DE": "ドイツ語",
    "language.fr-FR": "フランス語",
    "language.es-ES": "スペイン語（スペイン）",
    "language.es-MX": "スペイン語（メキシコ）",
    "language.cmn-CN": "中国語（北京語）",
    "language.ko-KR": "韓国語",
    # what was found
    "found": "このマシンで見つかったもの:",
    "offer.unit": "ユニット {target}、動作中",
    "offer.unit_down": "ユニット {target}、停止中",
    "offer.process": "プロセス {target}、動作中",
    "offer.http": "{target} の応答は {status}",
    "offer.http_owner": "{target} の応答は {status}（{owner}）",
    "offer.added": "{kind}: {target}",
    "offer.host": "ディスク {target} の使用率は {used} %",
    # what was understood
    "is_number": "= {number}",
    "characters": "{count} 文字",
    # refusals
    "refused.sid": (
        "{given} はアカウント SID ではありません。AC と 16 進数 32 桁です（これは {length} 文字）"
    ),
    "refused.sid_case": "数字は合っていますが、先頭の {kind} は大文字で入力してください",
    "refused.sid_key": (
        "これは API キーの SID です。アカウント SID は AC で始まります。キーは次に聞きます"
    ),
    "refused.key_sid": (
        "{given} は API キーの SID ではありません。SK と 16 進数 32 桁です（これは {length} 文字）"
    ),
    "refused.secret": (
        "空白も引用符もない、印字できる文字だけの一語にしてください。SID ではありません"
    ),
    "refused.secret_empty": "何も入力されていません。電話をかけるのに必要です",
    "refused.choice": "1 から {most} までの番号を入力してください",
    "refused.number_empty": "{hint} のように番号を入力してください",
    "refused.number_odd": (
        "{given} は電話番号ではありません。{hint} のように + と国番号から書いてください"
    ),
    "refused.number_country": (
        "{given} がどの国の番号か分かりません。{hint} のように + と国番号から書いてください"
    ),
    "refused.number_short": (
        "{given} は短縮番号か緊急番号です。{hint} のような個人の番号を入力してください"
    ),
    "refused.number_impossible": (
        "{given} は電話番号としてありえません（桁数か国番号の誤り）。{hint} のように + と国番号か"
        "ら書いてください"
    ),
    "refused.number_trunk": (
        "{given} には国内でだけダイヤルする数字が残っています。{hint} ではありませんか？"
    ),
    "refused.number_unknown": (
        "{given} は形は正しいものの、その国にあると知られている番号ではありません。それでも使うに"
        "は、もう一度入力してください"
    ),
    "refused.number_shared": (
        "{given} は受ける側も料金を払う番号で、つながらないことがあります。それでも使うには、もう"
        "一度入力してください"
    ),
    "refused.number_caller": "{given} は発信に使う番号です。自分自身には電話できません",
    "refused.number_premium": (
        "{given} は受けた人に料金が支払われる番号です。個人の番号を入力してください"
    ),
    "refused.number_taken": "{given} はすでに {name} の番号です",
    "refused.name_empty": "名前を入力してください",
    "refused.name_number": "先に名前を入力してください。番号は次に聞きます",
    "refused.name_odd": "名前は制御文字のない 1 行、200 文字以内にしてください",
    "refused.name_taken": "{name} はすでにあります。別の名前にしてください",
    "refused.language": (
        "{given} は WatchCall の話せる言語ではありません。一覧の番号か、次のどれかです: {known}"
    ),
    "refused.yes_no": "y か n で答えてください",
    "refused.checks_none": "ひとつは選んでください。何も監視しない設定は使えません",
    "refused.checks_number": "{given} は一覧にありません。1 から {most} までです",
    "refused.check_unknown": (
        "{given} は見つかったものの中にありません。{hint} のことですか？ URL、httpd.service のよ"
        "うなユニット名、process:名前 は追加できます"
    ),
    "refused.url": "http://127.0.0.1:8080/health のような、パスワードを含まない URL にしてください",
    "refused.process": "プロセス名は ps -o comm が表示するような 1 行です",
    "refused.unit": "{given} は httpd.service のような systemd のユニット名ではありません",
    "refused.unit_unknown": "systemd は {given} というユニットを知りません。近いのは {hint} です",
    "refused.contact": (
        "{given} に番号がありません。kei=+819012345678 のように 名前=番号 と書いてください"
    ),
    "refused.api_url": (
        "--api-url {given}: https の Twilio か、http://127.0.0.1:8129 のようなループバックアドレ"
        "スにしてください"
    ),
    "refused.secret_file": "{path} を読めません: {why}",
    "refused.secret_both": "標準入力から渡せるシークレットはひとつだけです",
    "refused.hidden": "この端末では入力を隠せません。--token-file ファイル を使ってください",
    # the summary
    "review": "次の内容を書き込みます:",
    "review.account": "{sid}",
    "review.account_api": "{sid}（{api_url}）",
    "review.token": "Auth Token（{count} 文字）を {path} へ（モード 0600）",
    "review.key": "API キー {sid}、シークレットを {path} へ（モード 0600）",
    "review.person": "{name}  {phone}  {language}",
    "review.recoveries_yes": "電話する",
    "review.recoveries_no": "電話しない",
    "review.file": "{path}（モード {mode}）",
    "review.file_group": "{path}（モード {mode}、グループ {group}）",
    "ask.review": "Enter で書き込み、番号でその項目を変更、q で書き込まずに終了",
    "refused.review": "Enter、1 から {most} までの番号、または q を入力してください",
    # the end
    "written": "書き込みました: {path}",
    "kept": "古いファイルを残しました: {backup}",
    "kept_old_secret": (
        "古いシークレットを残しました: {backup}。新しいものが使えることを確かめたら、"
        "削除してください"
    ),
    "no_group": (
        "グループ watchcall がまだないので、root だけが読めます。systemd-sysusers の後に: chgrp "
        "watchcall {path}"
    ),
    "warning": "警告: {text}",
    "doctor": "電話をかけられるか確かめます。watchcall doctor:",
    "wrong": "Twilio に受け入れられないものがあります: {what}。ファイルはそのまま残します。",
    "wrong.credentials": "アカウントか認証情報",
    "wrong.from": "発信番号",
    "wrong.ask": "今すぐ直しますか？ [Y/n]",
    "ring.ask": "試しに {name} に電話をかけますか？ [y/N]",
    "next": "次にすること:",
    "next.start": "起動し、次回から自動で起動させる",
    "next.reload": "動作中なので、新しいファイルとトークンを読ませる",
    "next.install": "まだないユニットを入れる（docs/how-to/install.md を参照）",
    "next.run": "この端末で実行する（サービスにするには docs/how-to/install.md）",
    "next.status": "状態を見る",
    "next.test": "試しに電話をかける",
    "next.edit": "ファイルを変更したら（全項目の説明は {example}）",
    "stopped": "終了しました。何も書き込んでいません。",
    "stopped_later": "終了しました。{path} は正しく書き込まれています。",
    "missing": "質問する端末がなく、次のものが足りません:",
    "missing.account_sid": "--account-sid SID",
    "missing.secret": (
        "--token-file ファイル（- は標準入力）、環境変数 WATCHCALL_TWILIO__AUTH_TOKEN、または "
        "--api-key-sid SID と --api-key-secret-file ファイル"
    ),
    "missing.key_secret": (
        "--api-key-secret-file ファイル（- は標準入力）、または環境変数 "
        "WATCHCALL_TWILIO__API_KEY_SECRET"
    ),
    "missing.caller": "--from 番号",
    "missing.people": "--contact 名前=番号",
    "missing.checks": (
        "--check 対象、--all-found、--no-checks、または --yes（見つかったもののうち標準的なもの）"
    ),
    "refuse_overwrite": (
        "{path} はすでにあります。--force を付けると新しく書き、古いものを {backup} に残します"
    ),
    "unwritable": "{path} に書き込めません: {why}",
    "why.denied": "権限がありません",
    "why.read_only": (
        "ファイルシステムが読み取り専用です。書き込めるようにマウントし直すか、--config で別の場所"
        "を指定してください"
    ),
    "why.full": "ディスクに空きがありません",
    "why.folder": "ディレクトリです",
    "why.no_folder": "パスの途中にディレクトリでないものがあります",
    "try_root": (
        "root で実行するか（sudo watchcall init）、--config で自分のファイルを指定してください"
    ),
    # comments in the file
    "file.head": (
        "WatchCall: 何を監視し、誰の電話を鳴らすか。\n"
        "`watchcall init` が書きました。自由に変えてかまいません。全項目は {example} に"
        "あります。\n"
        "`watchcall validate` で、誤りと、誰に電話するかが分かります。"
    ),
    "file.apply": "変更したら: {command}",
    "file.account_sid": "Twilio コンソールの最初のページにあります。秘密ではありません。",
    "file.secret_system": (
        "秘密は root だけが読める別のファイルにあり、systemd がデーモンに渡します\n"
        "（watchcall.service を参照）。"
    ),
    "file.secret_own": "秘密は所有者だけが読める別のファイルにあります。",
    "file.api_key": "Auth Token の代わりに API キーを使います。",
    "file.from": "電話を受ける人に表示される番号。アカウントの番号です。",
    "file.api_url": (
        "Twilio ではなく、このマシンのシミュレーターです。本当に電話するには、この行を消します。"
    ),
    "file.host": "文面と音声でのこのサーバーの呼び名。なければマシンのホスト名です。",
    "file.recoveries": "復旧したときにも電話するか。",
    "file.people": (
        "連絡先。この順に電話し、出なければ次の人にかけます。おやすみ時間（quiet_hours）、SMS、グループは\n"
        "{example} を見てください。"
    ),
    "file.language": "この人に話す言語（BCP 47）。",
    "file.checks": "監視する対象。3 回続けて失敗すると障害です（間隔は 30 秒、その後 5 秒）。",
    "file.spoken": "名前と違う読み方をさせるとき。",
    "file.unit": "落ちると systemd がすぐに知らせます。",
    "file.http": "書いた時点での応答は {status} でした。",
    "file.tls": "ループバックの名前は証明書にありません。",
    "file.host_check": "ディスクの使用率（%）。ここまで埋まると障害です。",
}
