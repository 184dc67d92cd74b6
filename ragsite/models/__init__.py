"""The installation's own tables, all in the public schema."""

from ragsite.models.contacts import OnCallContact
from ragsite.models.counters import ThrottleCounter
from ragsite.models.heartbeats import Heartbeat
from ragsite.models.incidents import Incident, IncidentStep, TimelineEntry

__all__ = ["Heartbeat", "Incident", "IncidentStep", "OnCallContact", "ThrottleCounter", "TimelineEntry"]
