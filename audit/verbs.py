"""What each verb of the log means in plain words, and whether it reads or changes.

A verb that is missing here is still shown, as it is written, so that a new one is never an error.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """`past` and `to` take the target's words for `{target}`: "opened {target}", "open {target}"."""

    past: str
    to: str
    reads: bool = False


def _did(past: str, to: str) -> Verb:
    return Verb(past, to)


def _read(past: str, to: str) -> Verb:
    return Verb(past, to, reads=True)


VERBS: dict[str, Verb] = {
    "access.read": _read("looked at who read which documents", "look at who read which documents"),
    "answer.feedback": _did("judged {target}", "judge {target}"),
    "answer.list": _read("looked at the list of answers", "look at the list of answers"),
    "answer.open": _read("looked at how {target} came about", "look at how {target} came about"),
    "answer.replay": _read("asked {target} again to compare", "ask {target} again"),
    "audit.accept_restore": _did("accepted that the database was set back", "accept that the database was set back"),
    "audit.export": _read("exported the audit log", "export the audit log"),
    "audit.read": _read("read the audit log", "read the audit log"),
    "audit.verify": _did("verified the audit log", "verify the audit log"),
    "audit.verify_export": _read("checked an export of the audit log", "check an export of the audit log"),
    "contact.change": _did("changed {target}", "change {target}"),
    "contact.delete": _did("deleted {target}", "delete {target}"),
    "conversation.delete": _did("deleted {target}", "delete {target}"),
    "conversation.list": _read(
        "looked at the list of conversations of {target}", "look at the list of conversations of {target}"
    ),
    "conversation.open_for_hr": _read("read what somebody asked: {target}", "read what somebody asked: {target}"),
    "conversation.read": _read("read {target}", "read {target}"),
    "conversation.rename": _did("renamed {target}", "rename {target}"),
    "demo.history": _did("made the demo's history of reading", "make the demo's history"),
    "demo.leave": _did("made the demo's leave", "make the demo's leave"),
    "demo.password": _did("set a demo password", "set a demo password"),
    "demo.paystubs": _did("made the demo's paystubs", "make the demo's paystubs"),
    "document.delete": _did("deleted {target}", "delete {target}"),
    "document.download": _read("downloaded {target}", "download {target}"),
    "document.edit": _did("changed {target}", "change {target}"),
    "document.explain_access": _read("looked up who may read {target}", "look up who may read {target}"),
    "document.failed": _did("could not take in {target}", "take in {target}"),
    "document.list_readers": _read("looked at who may read {target}", "look at who may read {target}"),
    "document.read": _read("read {target}", "read {target}"),
    "document.ready": _did("finished taking in {target}", "finish taking in {target}"),
    "document.rejected": _did("rejected {target}", "take in {target}"),
    "document.removed": _did("removed the last of {target}", "remove the last of {target}"),
    "document.retry": _did("retried {target}", "retry {target}"),
    "document.upload": _did("uploaded {target}", "upload {target}"),
    "document.version_approve": _did("approved a version of {target}", "approve a version of {target}"),
    "document.version_kept_as_draft": _did("kept a version of {target} as a draft", "publish a version of {target}"),
    "document.version_publish": _did("published a version of {target}", "publish a version of {target}"),
    "document.version_return": _did("sent back a version of {target}", "send back a version of {target}"),
    "document.version_submit": _did("submitted a version of {target} for review", "submit a version of {target}"),
    "document.version_window": _did("changed the days of a version of {target}", "change the days of {target}"),
    "document.version_withdraw": _did("withdrew a version of {target}", "withdraw a version of {target}"),
    "documents.look_after": _read("looked at the documents to look after", "look at the documents to look after"),
    "employee.change_role": _did("changed the role of {target}", "change the role of {target}"),
    "employee.choose_password": _did("chose a password for {target}", "choose a password for {target}"),
    "employee.create": _did("added {target}", "add {target}"),
    "employee.deactivate": _did("deactivated {target}", "deactivate {target}"),
    "employee.invite": _did("invited {target}", "invite {target}"),
    "employee.reactivate": _did("reactivated {target}", "reactivate {target}"),
    "employee.read": _read("opened the record of {target}", "open the record of {target}"),
    "employee.sign_in_link": _did("made a sign-in link for {target}", "make a sign-in link for {target}"),
    "employee.update": _did("changed the record of {target}", "change the record of {target}"),
    "employees.check_import": _read("checked a list of people", "check a list of people"),
    "employees.export": _read("exported the list of people", "export the list of people"),
    "employees.import": _did("imported a list of people", "import a list of people"),
    "employees.list": _read("looked at the list of people", "look at the list of people"),
    "feedback.handle": _did("dealt with {target}", "deal with {target}"),
    "feedback.list": _read("looked at the reports on answers", "look at the reports on answers"),
    "feedback.open": _read("looked at {target}", "look at {target}"),
    "finding.acknowledge": _did("acknowledged {target}", "acknowledge {target}"),
    "finding.dismiss": _did("dismissed {target}", "dismiss {target}"),
    "finding.open": _did("opened {target}", "open {target}"),
    "findings.read": _read("looked at the findings", "look at the findings"),
    "incident.close": _did("closed {target}", "close {target}"),
    "incident.contain": _did("contained {target}", "contain {target}"),
    "incident.note": _did("wrote a note on {target}", "write a note on {target}"),
    "incident.open": _did("opened {target}", "open {target}"),
    "incident.skip_step": _did("skipped a step of {target}", "skip a step of {target}"),
    "incident.step": _did("took a step of {target}", "take a step of {target}"),
    "index.rebuild": _did("rebuilt the search index", "rebuild the search index"),
    "index.reconcile": _did("compared the search index with the documents", "compare the search index"),
    "leave.add_entitlement": _did("adjusted leave: {target}", "adjust leave: {target}"),
    "leave.approve": _did("approved {target}", "approve {target}"),
    "leave.cancel": _did("cancelled {target}", "cancel {target}"),
    "leave.delegate": _did("passed leave decisions on", "pass leave decisions on"),
    "leave.list": _read("looked at the list of leave requests", "look at the list of leave requests"),
    "leave.list_entitlements": _read(
        "looked at the list of stated leave days", "look at the list of stated leave days"
    ),
    "leave.list_weeks": _read("looked at the list of working weeks", "look at the list of working weeks"),
    "leave.read": _read("opened {target}", "open {target}"),
    "leave.read_entitlement": _read(
        "looked at leave days stated for {target}", "look at leave days stated for {target}"
    ),
    "leave.read_own": _read("looked at their own leave", "look at their own leave"),
    "leave.read_week": _read("looked at the working week of {target}", "look at the working week of {target}"),
    "leave.reject": _did("rejected {target}", "reject {target}"),
    "leave.remove_holiday": _did("removed a holiday", "remove a holiday"),
    "leave.request": _did("asked for leave: {target}", "ask for leave"),
    "leave.revoke_delegation": _did("took leave decisions back", "take leave decisions back"),
    "leave.save_holiday": _did("stated a holiday", "state a holiday"),
    "leave.save_policy": _did("stated a leave policy", "state a leave policy"),
    "leave.save_type": _did("stated a kind of leave", "state a kind of leave"),
    "leave.set_week": _did("stated the working week of {target}", "state the working week of {target}"),
    "leave.team": _read("looked at the team's leave", "look at the team's leave"),
    "leave.waiting": _read("looked at waiting leave requests", "look at waiting leave requests"),
    "leave.withdraw_entitlement": _did("withdrew an adjustment: {target}", "withdraw an adjustment: {target}"),
    "operator.choose_password": _did("chose a password for {target}", "choose a password for {target}"),
    "operator.create": _did("added {target}", "add {target}"),
    "pay_code.change": _did("changed a pay code", "change a pay code"),
    "pay_code.create": _did("added a pay code", "add a pay code"),
    "pay_details.change": _did("changed the pay details of {target}", "change the pay details of {target}"),
    "pay_details.list": _read("looked at whose pay details are kept", "look at whose pay details are kept"),
    "pay_details.open_for_hr": _read("opened the pay details of {target}", "open the pay details of {target}"),
    "pay_details.open_form": _read("opened the form of pay details", "open the form of pay details"),
    "pay_details.read": _read("looked at their own pay details, masked", "look at their own pay details"),
    "paystub.check_import": _read("checked a pay sheet", "check a pay sheet"),
    "paystub.create": _did("added a paystub of {target}", "add a paystub of {target}"),
    "paystub.download": _read("downloaded a paystub", "download a paystub"),
    "paystub.import": _did("imported paystubs", "import paystubs"),
    "paystub.list": _read("looked at the list of paystubs of {target}", "look at the list of paystubs of {target}"),
    "paystub.open_for_hr": _read("opened the pay of {subject}", "open the pay of {subject}"),
    "paystub.read": _read("read a paystub of their own", "read a paystub"),
    "paystub.read_all": _read("read all paystubs of {target}", "read all paystubs of {target}"),
    "paystub.read_heading": _read("looked at a paystub without its amounts", "look at a paystub without its amounts"),
    "paystubs.list_for_hr": _read(
        "looked at the list of everybody's paystubs", "look at the list of everybody's paystubs"
    ),
    "question.answer": _read("was given {target}", "be given {target}"),
    "question.ask": _did("asked a question", "ask a question"),
    "question.lane": _did("said who may read {target}", "say who may read {target}"),
    "question.try": _read("tried a question as {target}", "try a question as {target}"),
    "search.run": _read("searched the documents", "search the documents"),
    "service_account.create": _did("made {target}", "make {target}"),
    "service_account.revoke": _did("revoked {target}", "revoke {target}"),
    "service_account.rotate": _did("gave {target} a new secret", "give {target} a new secret"),
    "session.sign_in": _did("signed in", "sign in"),
    "session.sign_in_failed": _did("failed to sign in", "sign in"),
    "session.sign_out": _did("signed out", "sign out"),
    "subject_key.destroy": _did("destroyed the data key of {target}", "destroy the data key of {target}"),
    "subject_key.forget_lost": _did("gave up what was sealed under a lost key", "give up a lost key"),
    "subject_key.rewrap": _did("wrapped data keys anew", "wrap data keys anew"),
    "subject_key.rotate": _did("changed data keys", "change data keys"),
    "suspicion_rule.change": _did("changed {target}", "change {target}"),
    "task.run": _did("ran {target}", "run {target}"),
    "tenant.add_domain": _did("added a host name to {target}", "add a host name to {target}"),
    "tenant.export_audit": _read("exported the audit log of {target}", "export the audit log of {target}"),
    "tenant.onboard": _did("set up {target}", "set up {target}"),
    "tenant.read_accesses": _read("looked at access patterns of {target}", "look at access patterns of {target}"),
    "tenant.read_audit": _read("read the audit log of {target}", "read the audit log of {target}"),
    "tenant.read_findings": _read("looked at the findings of {target}", "look at the findings of {target}"),
    "tenant.read_tool_calls": _read("looked at refused reads of {target}", "look at refused reads of {target}"),
    "tenant.remove_domain": _did("removed a host name of {target}", "remove a host name of {target}"),
    "tenant.resume": _did("resumed {target}", "resume {target}"),
    "tenant.settings": _did("changed the settings of {target}", "change the settings of {target}"),
    "tenant.suspend": _did("suspended {target}", "suspend {target}"),
    "tenant.verify_export": _read(
        "checked an export of the audit log of {target}", "check an export of the audit log of {target}"
    ),
    "token.issue": _did("made a token for {target}", "make a token for {target}"),
    "token.refresh": _did("renewed a token", "renew a token"),
    "token.refused": _did("showed a token that is not valid here", "use a token of another company"),
    "token.sign_in": _did("signed in by API", "sign in by API"),
    "token.sign_in_failed": _did("failed to sign in by API", "sign in by API"),
    "token.sign_out": _did("signed out by API", "sign out by API"),
    "tool.call": _read("had something looked up in their record", "have something looked up"),
    "tool.confirm": _did("confirmed what the assistant proposed", "confirm what the assistant proposed"),
    "tool.list_calls": _read(
        "looked at the list of the assistant's calls", "look at the list of the assistant's calls"
    ),
    "tool.read_call": _read("looked at a call of the assistant", "look at a call of the assistant"),
    "tool_calls.read": _read("looked at calls of the assistant's tools", "look at calls of the assistant's tools"),
    "topic.edit": _did("changed the words on {target}", "change the words on {target}"),
    "console.delete_filter": _did("deleted a saved filter", "delete a saved filter"),
    "console.save_filter": _did("saved a filter", "save a filter"),
    "employee.link_identity": _did(
        "linked {target} to the company's sign-in", "link {target} to the company's sign-in"
    ),
    "employee.revoke_tokens": _did("revoked all tokens of {target}", "revoke all tokens of {target}"),
    "incident.export": _read("exported {target}", "export {target}"),
    "kill_switch.engage": _did("switched off: {target}", "switch off: {target}"),
    "kill_switch.release": _did("switched on again: {target}", "switch on again: {target}"),
    "kill_switch.request_release": _did("asked to switch on again: {target}", "ask to switch on again: {target}"),
    "kill_switch.expire": _did("let a switch end by itself: {target}", "let a switch end: {target}"),
    "second_factor.add": _did("added a second step for signing in", "add a second step for signing in"),
    "second_factor.new_codes": _did("made new recovery codes", "make new recovery codes"),
    "second_factor.remove": _did("removed a second step for signing in", "remove a second step for signing in"),
    "second_factor.reset": _did("removed all second steps of {target}", "remove all second steps of {target}"),
    "service_account.take_over": _did("took over {target}", "take over {target}"),
    "session.confirm": _did("proved again who they are", "prove again who they are"),
    "session.confirm_failed": _did("failed to prove who they are", "prove who they are"),
    "session.end": _did("ended a session of {target}", "end a session of {target}"),
    "session.second_factor_failed": _did("failed the second step of signing in", "take the second step of signing in"),
    "signing_key.publish": _did("published the next signing key", "publish the next signing key"),
    "signing_key.retire": _did("retired a signing key", "retire a signing key"),
    "signing_key.revoke": _did("revoked a signing key", "revoke a signing key"),
    "signing_key.rotate": _did("changed the signing key", "change the signing key"),
    "tenant.discard_scratch": _did("discarded a company that was made for a measurement", "discard such a company"),
    "tenant.revoke_tokens": _did("revoked all tokens of {target}", "revoke all tokens of {target}"),
    "tenant.sign_in_settings": _did("changed how {target} signs in", "change how {target} signs in"),
    "tenant.sign_in_test": _did(
        "tried the sign-in through {target}'s provider", "try the sign-in through the provider"
    ),
}

# The last words of verbs that read, for those that are not listed above.
_READING = ("read", "read_all", "list", "open", "open_for_hr", "download", "export", "search", "look", "view")


def words_of(verb: str) -> Verb:
    """The verb's words; for one that is not listed, the verb itself."""
    known = VERBS.get(verb)
    if known is not None:
        return known
    shown = verb.replace("_", " ").replace(".", ": ")
    return Verb(f"did “{shown}” {{target}}", f"do “{shown}” {{target}}", reads=verb.rpartition(".")[2] in _READING)


def reading_verbs() -> tuple[str, ...]:
    """The listed verbs that read."""
    return tuple(name for name, verb in VERBS.items() if verb.reads)
