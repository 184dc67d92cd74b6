"""Word files (.docx) to pieces.

Reads the few XML parts that hold text directly: python-docx builds the whole package first and refuses files with a
missing or odd part that Word itself opens.
"""

from documents.parsing.word.reading import read

__all__ = ["read"]
