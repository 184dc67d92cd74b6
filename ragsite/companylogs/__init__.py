"""What an operator may look at in a company, for a reason: its audit log, findings, access patterns, refused reads.

Nobody's name and no text of a document or question. Each look is a row in both logs, the company's and the platform's.
"""

from ragsite.companylogs.pages import urls

__all__ = ["urls"]
