"""Begins a stage: it runs before the stage's own imports, which load the numeric libraries and take a second where
torch is among them.

`stages/__init__.py` imports this and does nothing else, so that no stage needs that file among its deps.
"""

import gc
import sys

from stepahead.core import numerics, stage

numerics.pin()
if sys.argv[0] == "-m":  # what it is while `python -m stages.NAME` looks for the module; tests import stages too
    stage.begin()
    gc.disable()  # imports make much and leave no garbage; stage.run enables it again
