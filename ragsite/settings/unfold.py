"""The admin theme: names, colours and the side bar."""

from typing import Any

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "HR assistant",
    "SITE_HEADER": "HR assistant",
    "SITE_SYMBOL": "forum",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": True,
}
