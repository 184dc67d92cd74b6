"""What the assistant can do with a person's own record: told from their words by intents, run by the registry."""
