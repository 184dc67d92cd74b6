"""The route matrix: what each route answers to each kind of caller (SECURITY.md, rule 4)."""
