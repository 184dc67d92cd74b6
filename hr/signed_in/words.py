"""A browser and a network in coarse words: their owner recognises them, and nobody is followed by them."""

import ipaddress

# The first that fits counts: Edge and Opera also say Chrome, Chrome also says Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python-", "Python"),
    ("Python", "Python"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
# As much of an address as names the wider network, usually a provider in a region; of IPv4 it is the first half.
_IPV6_BITS = 32


def browser_of(user_agent: str) -> str:
    """`Firefox on Windows`, `curl`, or `unknown program`. Without versions."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not browser:
        return f"unknown program on {system}" if system else "unknown program"
    return f"{browser} on {system}" if system else browser


def network_of(address: str) -> str:
    """`203.0.x.x`, `2001:db8:…`, `inside the network`, `this computer`, or `unknown network`."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown network"
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    if parsed.is_loopback:
        return "this computer"
    if parsed.is_private:
        return "inside the network"
    if parsed.version == 4:
        first, second, *_ = str(parsed).split(".")
        return f"{first}.{second}.x.x"
    network = ipaddress.ip_network((parsed, _IPV6_BITS), strict=False)
    return f"{str(network.network_address).rstrip(':')}:…"
