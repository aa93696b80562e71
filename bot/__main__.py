"""`python -m bot …` is `siyu …`."""

import sys

from bot.cli import main

sys.exit(main())
