"""`manage.py up`: one command that runs the database, the web server, the worker and beat.

Nothing in this package imports Django: it has to work before settings can be read, and settings import `discovery`.
"""
