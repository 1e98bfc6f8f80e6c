"""`python -m sagicc_async_operand > operand.toml`: the template of a resource file."""

import sys

from .files import operand_template

sys.stdout.write(operand_template())
