"""Operand for sagicc-async: the customer describes the API, which Operand shows inside the account alone."""

from .adapter import Operand, OperandSettings
from .files import observed, operand_template

__all__ = ["Operand", "OperandSettings", "observed", "operand_template"]
