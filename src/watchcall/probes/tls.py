"""What is wrong with a server's certificate, as OpenSSL counts it."""

from __future__ import annotations

# OpenSSL's X509_V_ERR_…
TLS_CAUSES = {
    9: "http.tls.not_yet_valid",
    10: "http.tls.expired",
    18: "http.tls.self_signed",
    19: "http.tls.untrusted",
    20: "http.tls.untrusted",
    21: "http.tls.untrusted",
    62: "http.tls.wrong_name",
    64: "http.tls.wrong_name",  # of an address
}
