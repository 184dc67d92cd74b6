"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended minimum (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane).

    Django's own 100 MiB a sign-in took a web process to 1.1 GB when sixteen people signed in at once.
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1
