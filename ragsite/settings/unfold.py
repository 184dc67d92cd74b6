"""The admin theme: names, colours and the side bar, which depends on the host (ragsite.navigation)."""

from typing import Any

# Tailwind's blue. White on 600 has a contrast of 5.2:1, 600 on white the same (WCAG AA asks for 4.5:1).
_BLUE = {
    "50": "#eff6ff",
    "100": "#dbeafe",
    "200": "#bfdbfe",
    "300": "#93c5fd",
    "400": "#60a5fa",
    "500": "#3b82f6",
    "600": "#2563eb",
    "700": "#1d4ed8",
    "800": "#1e40af",
    "900": "#1e3a8a",
    "950": "#172554",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "ragsite.navigation.site_title",
    "SITE_HEADER": "ragsite.navigation.site_header",
    "SITE_SUBHEADER": "ragsite.navigation.site_subheader",
    "SITE_URL": "ragsite.navigation.site_url",
    "SITE_SYMBOL": "forum",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "ragsite.navigation.favicon"}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "COLORS": {"primary": _BLUE},
    "ACCOUNT": {"navigation": [{"title": "Security", "link": "/account/security/"}]},
    "DASHBOARD_CALLBACK": "ragsite.dashboard.fill",
    "SIDEBAR": {"show_search": False, "command_search": False, "navigation": "ragsite.navigation.sidebar"},
}
