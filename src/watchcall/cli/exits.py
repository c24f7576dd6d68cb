"""Exit codes (contract, "Commands"); 69 and 78 are sysexits.h's EX_UNAVAILABLE and EX_CONFIG."""

FINE = 0
NOT_FINE = 1
USAGE = 2
UNREACHABLE = 69
CONFIGURATION = 78
