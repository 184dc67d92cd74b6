"""API wiring shared by all apps' `api.py`: pagination, throttling, schema."""
