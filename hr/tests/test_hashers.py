"""Passwords are hashed a few at a time, so that a process stays small when everybody signs in at once."""

import threading
import time

from hr.hashers import SmallArgon2PasswordHasher


def test_only_so_many_hash_at_once_as_there_are_turns(monkeypatch):
    running, most, lock = [0], [0], threading.Lock()

    def slow(self, password, encoded):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1
        return True

    monkeypatch.setattr("django.contrib.auth.hashers.Argon2PasswordHasher.verify", slow)
    monkeypatch.setattr(SmallArgon2PasswordHasher, "_turns", threading.BoundedSemaphore(2))
    threads = [threading.Thread(target=SmallArgon2PasswordHasher().verify, args=("a", "b")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most[0] == 2


def test_right_password_is_told_from_a_wrong_one():
    hasher = SmallArgon2PasswordHasher()
    encoded = hasher.encode("correct horse", hasher.salt())

    assert hasher.verify("correct horse", encoded)
    assert not hasher.verify("wrong horse", encoded)
    assert "m=19456,t=2,p=1" in encoded
