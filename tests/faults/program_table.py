"""The table of programs with derivative rules of their own: hand-made ones, and those of five libraries."""

from tests.faults.programs_backward import BACKWARD
from tests.faults.programs_forward import FORWARD
from tests.faults.programs_masked import MASKED
from tests.faults.programs_of_libraries import OF_LIBRARIES
from tests.faults.programs_solved import SOLVED

CASES = (*FORWARD, *BACKWARD, *SOLVED, *OF_LIBRARIES, *MASKED)
