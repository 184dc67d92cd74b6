"""The kill switch: what is off, for whom, since when and why (docs/kill-switch.md).

Callers change it through `services` (plain functions with `by` and `reason`), ask it through `state`, and tell people
through `wording`.
"""
