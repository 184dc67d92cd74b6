"""PDF files to pieces with page numbers, through pdfium alone.

Tables come from the ruled lines that pdfium already knows: a second PDF parser (pdfplumber, pdfminer.six) would take
seconds a page and be one more thing for hostile files to attack.
"""

from documents.parsing.pdf.reading import read

__all__ = ["read"]
