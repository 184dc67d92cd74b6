"""Pay in the admin, for HR only."""

from hr.admin.pay.codes import PayCodeAdmin
from hr.admin.pay.details import PayDetailsAdmin
from hr.admin.pay.paystubs import PaystubAdmin

__all__ = ["PayCodeAdmin", "PayDetailsAdmin", "PaystubAdmin"]
