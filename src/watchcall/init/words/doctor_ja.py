"""What doctor says, in Japanese.

Doctor itself speaks English, and so does what it quotes: Twilio and the system.
"""

from __future__ import annotations

from dataclasses import replace

from watchcall.core.account import Finding
from watchcall.init.words.sentences import said
from watchcall.init.words.warnings_ja import NUMBERS, OPEN, REMEDIES

LABELS = ("項目", "状態", "内容", "対処")
STATES = {"ok": "正常", "warning": "警告", "error": "エラー", "unknown": "不明"}
SUBJECTS = {
    "config": "設定ファイル",
    "state directory": "状態ディレクトリ",
    "daemon": "デーモン",
    "service": "サービス",
    "proxy": "プロキシ",
    "pager": "通報",
    "heartbeat": "ハートビート",
    "security modules": "セキュリティモジュール",
    "contact {name}": "連絡先 {name}",
    "credentials": "認証情報",
    "account": "アカウント",
    "balance": "残高",
    "from": "発信番号",
    "permission {country}": "発信許可 {country}",
}
# A sentence that fits several is the first one's.
SENTENCES = {
    # the configuration
    "{path} is fine": "{path} に誤りはありません",
    "change it in {path}, then: watchcall reload": "{path} を直してから: watchcall reload",
    "let root write it into /etc/watchcall/twilio_auth_token, mode 0600; where it is there, run "
    "this as root": (
        "root で /etc/watchcall/twilio_auth_token（モード 0600）に書いてください。すでにある場合は"
        "、root で実行してください"
    ),
    # the state directory
    "{folder} can be written": "{folder} に書き込めます",
    "{folder} can be made": "{folder} を作成できます",
    "{folder} cannot be written": "{folder} に書き込めません",
    "{folder} is another user's; only root and that user can tell": (
        "{folder} は別のユーザーのものです。書き込めるかどうかは、root かそのユーザーにしか分かり"
        "ません"
    ),
    "let the daemon's user write there, or set daemon.state_dir to another place": (
        "デーモンのユーザーが書き込めるようにするか、daemon.state_dir を別の場所にしてください"
    ),
    # files, as the service's user meets them
    "{path} cannot be read by {user}, as whom the service runs: {blocked} belongs to {owner} with "
    "mode {mode}": (
        "サービスを動かす {user} は {path} を読めません（{blocked} の所有者は {owner}、モードは "
        "{mode}）"
    ),
    "{user}, as whom the service runs, cannot write {path}: it belongs to {owner} with mode "
    "{mode}": (
        "サービスを動かす {user} は {path} に書き込めません（所有者は {owner}、モードは {mode}）"
    ),
    "{unit} sets {names}, which counts here too": (
        "{unit} が {names} を設定しています。ここでも同じ値を使います"
    ),
    "{folder} can be written by {user}": "{user} は {folder} に書き込めます",
    "{folder} is a symbolic link, and systemd takes none there (238/STATE_DIRECTORY)": (
        "{folder} がシンボリックリンクです。systemd はそこにリンクを受け付けません"
        "（238/STATE_DIRECTORY）"
    ),
    "rm {folder} && mkdir {made}, and mount the other place on it (mount --bind, fstab)": (
        "rm {folder} && mkdir {made} を実行し、移した先をそこにマウントしてください（mount --bind、"
        "fstab）"
    ),
    "put it where {user} may read it: {folder} is closed && systemctl restart watchcall": (
        "{folder} は {user} に閉じられています。{user} が読める場所に置いてから: systemctl restart "
        "watchcall"
    ),
    "let {user} pass {folder}, or set daemon.state_dir to another place": (
        "{user} が {folder} を通れるようにするか、daemon.state_dir を別の場所にしてください"
    ),
    # the daemon
    "mend why it failed, which the row of the service says below": (
        "下のサービスの行にある、失敗の原因を解決してください"
    ),
    "the daemon cannot be reached on {socket}: {why}; is it running?": (
        "デーモンに接続できません（{socket}: {why}）。起動していますか？"
    ),
    "start it: systemctl start watchcall, or watchcall run; if it runs, be root or in its group, "
    "and name the configuration that it has": (
        "systemctl start watchcall か watchcall run で起動してください。動作中であれば、root かそ"
        "のグループのユーザーで、デーモンと同じ設定ファイルを指定してください"
    ),
    "is WatchCall {running}, while {installed} is installed": (
        "動作中の WatchCall は {running} ですが、インストールされているのは {installed} です"
    ),
    "restart it: systemctl restart watchcall": ("再起動してください: systemctl restart watchcall"),
    "runs since {since} ({version})": "{since} から動作しています（{version}）",
    "the daemon sees neither SELinux nor AppArmor": (
        "デーモンからは SELinux も AppArmor も見えません"
    ),
    "mend what is wrong with Twilio, below; journalctl -u watchcall says more": (
        "下にある Twilio の問題を解決してください。詳しくは journalctl -u watchcall"
    ),
    "journalctl -u watchcall says more": "詳しくは journalctl -u watchcall",
    "check daemon.heartbeat.url, and that this machine reaches it": (
        "daemon.heartbeat.url と、このマシンからそこに届くことを確認してください"
    ),
    "mend that; it is sent again as soon as WatchCall works": (
        "原因を解決してください。WatchCall が正常に戻ると、また送信されます"
    ),
    "{state}, to {place}": "{state}、送信先 {place}",
    "mend that, then: watchcall test-call {name}": "解決してから: watchcall test-call {name}",
    # systemd
    "watchcall.service has failed ({how})": "watchcall.service が失敗しています（{how}）",
    "watchcall.service keeps failing, and is started again ({how})": (
        "watchcall.service は失敗を繰り返し、そのたびに再起動されています（{how}）"
    ),
    "watchcall validate names what is wrong with the configuration, and journalctl -u watchcall "
    "what the start has found; then: systemctl restart watchcall": (
        "設定の誤りは watchcall validate、起動時に見つかった問題は journalctl -u watchcall で分かり"
        "ます。直してから: systemctl restart watchcall"
    ),
    "the program cannot be run: install this version anew, and start it": (
        "プログラムを実行できません。このバージョンを入れ直して起動してください"
    ),
    "let systemd-sysusers make the user, and start it: systemctl restart watchcall": (
        "systemd-sysusers でユーザーを作ってから: systemctl restart watchcall"
    ),
    "the state directory must be a folder, no symbolic link, where systemd can write": (
        "状態ディレクトリは、シンボリックリンクではなく、systemd が書き込めるディレクトリにしてくだ"
        "さい"
    ),
    "a credential cannot be handed over: an encrypted one must be this machine's, under the name "
    "that it was encrypted with": (
        "認証情報を渡せません。暗号化したファイルは、このマシンで、今の名前で暗号化したものでなければ"
        "なりません"
    ),
    "does not run this machine; checks of units are unknown, all others work": (
        "このマシンでは動いていません。ユニットの監視は不明になり、ほかの監視は働きます"
    ),
    "version {version} runs this machine, and the unit needs {oldest}: an older one hands over no "
    "credential, so the daemon ends with exit code 78": (
        "このマシンのバージョンは {version} ですが、ユニットには {oldest} が必要です。それより古い"
        "と認証情報が渡されず、デーモンは終了コード 78 で終わります"
    ),
    "give the token by twilio.auth_token_file, a file of group watchcall with mode 0640": (
        "トークンを twilio.auth_token_file で渡してください（グループ watchcall、モード 0640 のファ"
        "イル）"
    ),
    "knows no unit watchcall.service; nothing starts the daemon at boot": (
        "watchcall.service というユニットがありません。マシンの起動時にデーモンが起動しません"
    ),
    "watchcall install-service, as root": "root で watchcall install-service を実行してください",
    "{unit} is not enabled; nothing starts the daemon at boot": (
        "{unit} は有効になっていません。マシンの起動時にデーモンが起動しません"
    ),
    "knows no unit {unit}; nobody is called when the daemon has failed for good": (
        "{unit} というユニットがありません。デーモンが完全に止まっても、誰にも電話がかかりません"
    ),
    "install this version anew, as docs/how-to/install.md says": (
        "docs/how-to/install.md のとおりに、このバージョンを入れ直してください"
    ),
    "{unit} is enabled": "{unit} は有効です",
    "{unit} comes before {packaged}, which systemd does not see": (
        "{unit} が優先され、systemd は {packaged} を見ていません"
    ),
    "systemctl revert watchcall; what you changed belongs into systemctl edit watchcall": (
        "systemctl revert watchcall を実行し、変更は systemctl edit watchcall で書いてください"
    ),
    # the way to Twilio
    "Twilio is asked through {proxy}, as by the service": (
        "サービスと同じく {proxy} を通して Twilio に接続しています"
    ),
    "Twilio is asked through {proxy}, which this shell has and the service has not": (
        "このシェルにだけ設定されている {proxy} を通して Twilio に接続しています。サービスには設定"
        "がありません"
    ),
    "if the daemon needs it, systemctl edit watchcall, and watchcall-lastgasp: [Service], "
    "Environment=HTTPS_PROXY=…": (
        "デーモンにも必要なら、systemctl edit watchcall と systemctl edit watchcall-lastgasp で "
        "[Service] に Environment=HTTPS_PROXY=… を書いてください"
    ),
    # Twilio, and the account
    "answers, but not everything: {problem}": "応答していますが、一部を確認できません: {problem}",
    "answers": "応答しています",
    "does not answer": "応答がありません",
    "check this server's way out, its name service and twilio.api_url; status.twilio.com says "
    "whether Twilio itself has trouble": (
        "このサーバーから外への通信、名前解決、twilio.api_url を確認してください。Twilio 側の障害"
        "は status.twilio.com で分かります"
    ),
    "could not be learnt": "確認できませんでした",
    "accepted": "受け入れられました",
    "Twilio does not accept them": "Twilio に受け入れられません",
    "compare twilio.account_sid and the token (or the API key and its secret) with the Twilio "
    "console": (
        "twilio.account_sid と Auth Token（または API キーとそのシークレット）を、Twilio コンソー"
        "ルの値と見比べてください"
    ),
    "is {status}; Twilio places no calls for it": (
        "状態が {status} なので、Twilio は電話をかけません"
    ),
    "top it up, or ask Twilio's support why; a closed account stays closed": (
        "残高を追加するか、Twilio のサポートに理由を問い合わせてください。閉鎖された（closed）アカ"
        "ウントは元に戻りません"
    ),
    "is a trial: Twilio calls verified numbers only, and each call begins with Twilio's own "
    "announcement until a key is pressed; what WatchCall says may never be said, so such a call "
    "never counts as heard": (
        "トライアルです。Twilio は認証済みの番号にしか電話をかけず、どの電話もキーが押されるまで "
        "Twilio の案内から始まります。WatchCall の声が最後まで流れないこともあるので、聞かれたとは"
        "みなしません"
    ),
    "upgrade the account in the Twilio console; until then verify each contact's number there, and "
    "press a key when it calls": (
        "Twilio コンソールでアカウントをアップグレードしてください。それまでは、連絡先の番号をすべ"
        "てコンソールで認証し、電話に出たら何かキーを押してください"
    ),
    "is of unknown status, {kind}": "状態が分かりません（種別は {kind}）",
    "is {status}, unknown type": "状態は {status} ですが、種別が分かりません",
    "is active ({kind})": "有効です（{kind}）",
    "{balance}; Twilio suspends an account at 0": (
        "{balance}。残高が 0 になると、Twilio はアカウントを停止します"
    ),
    "{balance}, which lasts for few calls; Twilio suspends the account at 0": (
        "{balance}。あと数回の電話でなくなります。0 になると、Twilio はアカウントを停止します"
    ),
    "top the account up, and turn on auto-recharge: Twilio console, Billing": (
        "Twilio コンソールの Billing で残高を追加し、自動チャージ（auto-recharge）を有効にしてくだ"
        "さい"
    ),
    # the number that calls
    "belongs to the account and can make calls and send texts": (
        "アカウントの番号で、電話も SMS も使えます"
    ),
    "belongs to the account and can make calls": "アカウントの番号で、電話をかけられます",
    "belongs to the account; what it can do could not be learnt": (
        "アカウントの番号ですが、何に使えるかは確認できませんでした"
    ),
    "belongs to the account, but cannot make calls": (
        "アカウントの番号ですが、電話をかけられません"
    ),
    "belongs to the account, but cannot send texts": "アカウントの番号ですが、SMS を送れません",
    "set twilio.from to a number of the account with the capability {capability}": (
        "twilio.from を、{capability} に使えるアカウントの番号にしてください"
    ),
    "is no number of the account; whether it is verified is not known": (
        "アカウントの番号ではありません。認証済みの番号かどうかは分かりません"
    ),
    "is only a verified caller ID: calls to Japan arrive as withheld (非通知), which many phones "
    "refuse, and nobody can text or call it back": (
        "アカウントの番号ではなく、認証済みの発信者番号です。日本への電話は非通知で届き、多くの電"
        "話機に拒否されます。SMS での返信も折り返しもできません"
    ),
    "use a Twilio number of the account as twilio.from": (
        "twilio.from には、アカウントの Twilio 番号を使ってください"
    ),
    "is neither a number of the account nor a verified caller ID": (
        "アカウントの番号でも、認証済みの番号でもありません"
    ),
    "set twilio.from to a number of the account: Twilio console, Phone Numbers": (
        "twilio.from をアカウントの番号にしてください（Twilio コンソールの Phone Numbers）"
    ),
    # the countries
    "calls there are allowed": "この国への電話は許可されています",
    "Twilio may not call there; it refuses each call with error 21215": (
        "この国への電話が許可されていません。Twilio はどの電話もエラー 21215 で拒否します"
    ),
    "allow the country: Twilio console, Voice, Settings, Geo permissions": (
        "Twilio コンソールの Voice、Settings、Geo permissions で、この国を許可してください"
    ),
}
KNOWN = SENTENCES | NUMBERS | OPEN | REMEDIES


def in_japanese(finding: Finding) -> Finding:
    """Return a finding as it is shown; what is not ours, or only a command, stays as it is."""
    return replace(
        finding,
        subject=said(finding.subject, SUBJECTS),
        state=STATES[finding.state],
        detail=said(finding.detail, KNOWN),
        remedy=finding.remedy and said(finding.remedy, KNOWN),
    )
