"""The stages, a script each. Beside this import nothing may stand here: no stage has this file among its deps."""

from stepahead.core import begin as begin
