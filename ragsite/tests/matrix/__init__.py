"""The route matrix: what each route answers to each kind of caller, and what it leaves in the audit log.

A new route needs a row here, or the tests fail (SECURITY.md, rules 4 and 12). A row says for each method

* the outcome for each kind of caller (see `rows.Row`): test_route_matrix.py asks every route as everybody, with own,
  others' and missing ids;
* `audit`: which audit rows a call that succeeds leaves, or why none is due (see `audited.HOW_TO_DECLARE`):
  test_one_audit_row.py does each of them once, through the real interface, and all again
  while the audit log cannot be written;
* `refused`: the one refusal that a call with others' ids leaves, where it leaves one.

What an id names is in world.py (leave_world.py, tool_world.py); what has to be there before an action is in deeds.py.
"""
