"""Uploaded files to blocks of text, in a disposable child process.

Everything below this package is free of Django: the child that opens a stranger's file imports nothing that knows a
database, a setting or a secret.
"""

from documents.parsing.blocks import Block, Parsed
from documents.parsing.codes import CODES, ParseFailed, ParserUnavailable, Rejected, advice_for
from documents.parsing.limits import Limits
from documents.parsing.runner import parse_file

__all__ = ["CODES", "Block", "Limits", "ParseFailed", "ParserUnavailable", "Parsed", "Rejected", "advice_for", "parse_file"]
