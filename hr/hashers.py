"""How passwords are hashed."""

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id at OWASP's recommended minimum (Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane).

    Django's own 100 MiB a sign-in took a web process to 1.1 GB when sixteen people signed in at once. A process hashes
    on half of the cores at most, 30 ms each: when everybody signs in at nine o'clock the other half goes on answering,
    and on two cores the process is 19 MiB smaller at its peak.
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1

    _turns = threading.BoundedSemaphore(max(1, (os.cpu_count() or 1) // 2))

    def encode(self, password: str, salt: str) -> str:
        with self._turns:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with self._turns:
            return super().verify(password, encoded)
