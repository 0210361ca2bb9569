"""`python -m sim` is the console script `sim`."""

import sys

from sim.cli import main

sys.exit(main())
