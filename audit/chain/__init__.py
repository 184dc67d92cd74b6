"""The keyed hash chain of an audit log: keys, what is hashed, and how a transaction's rows join the chain."""
