"""Incidents: opened on a suspicion, worked through step by step, closed with a cause; the audit logs tell the rest."""
