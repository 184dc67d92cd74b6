"""What employees may notice while something is switched off."""

from django import template

from tenants.kill_switches import wording

register = template.Library()


@register.simple_tag
def what_is_off() -> list[str]:
    """One sentence for each feature that is off for the current company. No query while that is known."""
    return wording.noticed_by_employees()
