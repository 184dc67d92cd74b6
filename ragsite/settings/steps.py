"""Ordered lists of dotted paths through which a lower layer reaches a higher one.

Run by `tenants.steps.run_steps()`. A list is read top to bottom; the order is the contract.
"""

STEPS: dict[str, tuple[str, ...]] = {
    # After parsing: cut a version's text into passages. kwargs: version
    "CHUNK_VERSION": ("retrieval.services.chunk_version",),
    # After chunking: write all vectors and confirm them. kwargs: version
    "INDEX_VERSION": ("retrieval.services.index_version",),
    # A version no longer serves, or its document is gone: drop its passages and vectors. kwargs: version_id
    "FORGET_VERSION": ("retrieval.services.forget_version",),
    # Filter fields of a document changed: rewrite them beside the vectors. kwargs: document
    "REFILTER_DOCUMENT": ("retrieval.services.refilter_document",),
    # Which of these documents some answer cited. kwargs: document_ids; each step returns a set of ids
    "CITED_DOCUMENTS": ("retrieval.services.cited_documents",),
    # A new tenant's schema stands: make what it needs outside PostgreSQL. kwargs: tenant
    "PROVISION_TENANT": ("hr.services.onboard_first_admin", "retrieval.services.provision_tenant"),
    # A company's tokens count no more: end what would bring new ones. kwargs: tenant, now; each step returns an Ended
    "END_TOKENS": ("hr.signed_in.ending.end_tokens",),
    # One person of the current company is signed in nowhere any more. kwargs: employee_id, reason; the step returns an
    # Ended, or None for nobody
    "END_PERSON": ("hr.signed_in.ending.end_person",),
    # Nobody is signed in to a company any more, by browser or program. kwargs: tenant, now; each step returns an Ended
    "END_SESSIONS": ("hr.signed_in.ending.end_sessions",),
    # Onboarding is repeated for a company that stands: its owner's link, if the first was never used.
    # kwargs: tenant, admin_email
    "ONBOARD_AGAIN": ("hr.services.unused_owner_link",),
    # A dangerous action's confirmation: the question who one is, when that is to be asked. kwargs: request, answered
    "STEP_UP_FORM": ("hr.signin.stepup.form_for",),
    # A page that is dangerous to open: where to confirm who one is first, if that is to be asked. kwargs: request
    "STEP_UP_PAGE": ("hr.signin.stepup.page_for",),
    # Whether the current company has a person of this number. kwargs: employee_id; each step returns a bool
    "KNOWS_EMPLOYEE": ("hr.services.known.knows_employee",),
    # Rows of the audit log in plain words: what its pseudonyms stand for, as far as `user` may know.
    # kwargs: labels, user, with_names; each step returns {label: audit.describing.Described}
    "DESCRIBE_LABELS": (
        "audit.findings.describing.describe_labels",
        "hr.describing.describe_labels",
        "documents.describing.describe_labels",
        "tenants.describing.describe_labels",
    ),
    # The field through which the log's list looks for a person, and for a document. No kwargs; None: there are none
    "FIND_PERSON": ("hr.describing.person_field",),
    "FIND_DOCUMENT": ("documents.describing.document_field",),
    # Personal content of an audit row is sealed under its subject's key. kwargs: subject, content; (key id, ciphertext)
    "SEAL_AUDIT_CONTENT": ("hr.audit_content.seal",),
    # The other way. kwargs: key_id, sealed; returns the content
    "OPEN_AUDIT_CONTENT": ("hr.audit_content.unseal",),
}
