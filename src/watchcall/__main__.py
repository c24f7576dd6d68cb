"""`python -m watchcall`."""

import sys

from watchcall.entry import main

sys.exit(main())
