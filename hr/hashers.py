"""How passwords are hashed."""

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended minimum (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane).

    Django's own 100 MiB a sign-in took a web process to 1.1 GB when sixteen people signed in at once. No more are
    hashed at once than there are cores: more would not be faster, only larger.
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1

    _turns = threading.BoundedSemaphore(os.cpu_count() or 1)

    def encode(self, password: str, salt: str) -> str:
        with self._turns:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self._turns:
            return super().verify(password, encoded)
