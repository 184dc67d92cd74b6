"""Database backend: django-tenants', with the search path sent along with every statement."""
