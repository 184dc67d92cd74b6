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
    # Onboarding is repeated for a company that stands: its owner's link, if the first was never used.
    # kwargs: tenant, admin_email
    "ONBOARD_AGAIN": ("hr.services.unused_owner_link",),
}
