"""`python -m taylorkit.cli`: what the script `taylorkit` does."""

import sys

from taylorkit.cli import main

sys.exit(main())
