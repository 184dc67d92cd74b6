"""Leave, computed: from values only, without rows. The rules are written out in docs/leave.md."""
