"""Runs before a stage's own imports, which take a second where torch is among them: Ctrl-C has its line by then."""

import sys

from stepahead import stage

if sys.argv[0] == "-m":  # what it is while `python -m stages.NAME` looks for the module; tests import stages too
    stage.stop_on_interrupt()
