"""`[twilio]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from watchcall.config.table import Table
from watchcall.config.types import File, Flag, Phone, Positive, Secret, pattern
from watchcall.config.urls import ApiUrl

HEX = "[0-9a-fA-F]{32}"


SID = "AC followed by 32 hexadecimal digits"


KEY_SID = "SK followed by 32 hexadecimal digits"


PLACE = "a name such as tokyo: lower-case letters, digits and hyphens"


class Twilio(Table):
    """`[twilio]`: whose account, and who is shown as the caller."""

    account_sid: Annotated[str, pattern(f"AC{HEX}", SID)] = Field(description=SID)
    """The account: `AC` and 32 hexadecimal digits, from the first page of the Twilio console."""
    auth_token: Secret | None = None
    """The secret, if it stands here; refused where group or others can read the file. Found first
    wins: the environment, the systemd credential `twilio_auth_token`, `auth_token_file`, this
    key. Only `run`, `doctor` and `test-call` need it."""
    auth_token_file: File | None = None
    """A file that holds the token and that not everybody may read; a relative path is meant from
    the folder of the configuration."""
    api_key_sid: Annotated[str, pattern(f"SK{HEX}", KEY_SID)] | None = None
    """An API key may take the place of the token: `SK` and 32 hexadecimal digits. Where both are
    given, the key is used. An API key cannot check the signatures of `[web]`."""
    api_key_secret: Secret | None = None
    """The secret of the API key, under the rules of `auth_token`; credential
    `twilio_api_key_secret`."""
    api_key_secret_file: File | None = None
    """A file that holds the secret of the API key, under the rules of `auth_token_file`."""
    caller: Phone = Field(
        alias="from", description="a Twilio number of the account, such as +15005550006"
    )
    """The caller ID: a Twilio number of the account that can make calls. Nobody in `[[contact]]`
    or `to` may have the same."""
    # edge and region become part of the host that the token is sent to
    edge: Annotated[str, pattern("[a-z0-9-]{1,40}", PLACE)] | None = None
    """Where requests enter Twilio's network, such as `tokyo`."""
    region: Annotated[str, pattern("[a-z0-9-]{1,40}", PLACE)] | None = None
    """Where Twilio processes them, such as `jp1`."""
    timeout: Positive = timedelta(seconds=10)
    """The total deadline of one request."""
    shared_from: Flag = False
    """Do other programs place calls from the same number? Then a call whose reply was lost is made
    again instead of looked for."""
    api_url: ApiUrl = "https://api.twilio.com"
    """Twilio over https, or a loopback address (`watchcall simulator`). Any other is refused: the
    token is sent there."""
