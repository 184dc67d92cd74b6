"""Ask a stored question again, and tell what is different today."""

from retrieval.services.replaying.comparing import CitedPlace, Side
from retrieval.services.replaying.running import NotReplayable, Replay, replay_for_hr, replay_for_operator

__all__ = ["CitedPlace", "NotReplayable", "Replay", "Side", "replay_for_hr", "replay_for_operator"]
