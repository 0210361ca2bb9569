"""`python -m sim` is the console script `sim`."""

import os
import sys

if sys.path[:1] == [os.getcwd()]:  # put there by -m; the verbs that need it append it
    del sys.path[0]

from sim.cli import main

sys.exit(main())
