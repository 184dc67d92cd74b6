"""{{ moment|ago }}: how long ago, in words."""

from datetime import datetime

from django import template
from django.utils import timezone

from audit import markup

register = template.Library()


@register.filter
def ago(moment: datetime) -> str:
    return markup.ago(moment, now=timezone.now())
