"""`python -m watchcall`."""

import sys

from watchcall.cli import main

sys.exit(main())
