"""What changes people: every function writes its audit row in the same transaction."""

from hr.services import leave
from hr.services.importing import ImportReport, PersonChange, check_people, import_people
from hr.services.inviting import AlreadySignedUp, Invitation, invite
from hr.services.onboarding import onboard_first_admin, unused_owner_link
from hr.services.people import (
    LastDayPassed,
    LastOwner,
    change_role,
    create_employee,
    deactivate,
    deactivate_leavers,
    reactivate,
)
from hr.services.records import (
    EmailTaken,
    EndsBeforeStart,
    ManagerCycle,
    NumberTaken,
    OnlyOwners,
    RecordValues,
    check_manager,
    update_record,
)
from hr.services.sessions import (
    LinkRefused,
    NoLogin,
    NoSecondFactor,
    Progress,
    SignInRefused,
    change_password,
    new_sign_in_link,
    reset_second_factor,
    sign_in,
    sign_in_by_link,
    sign_out,
)

__all__ = [
    "AlreadySignedUp",
    "EmailTaken",
    "EndsBeforeStart",
    "ImportReport",
    "Invitation",
    "LastDayPassed",
    "LastOwner",
    "LinkRefused",
    "ManagerCycle",
    "NoLogin",
    "NoSecondFactor",
    "NumberTaken",
    "OnlyOwners",
    "PersonChange",
    "Progress",
    "RecordValues",
    "SignInRefused",
    "change_password",
    "change_role",
    "check_manager",
    "check_people",
    "create_employee",
    "deactivate",
    "deactivate_leavers",
    "import_people",
    "invite",
    "leave",
    "new_sign_in_link",
    "onboard_first_admin",
    "reactivate",
    "reset_second_factor",
    "sign_in",
    "sign_in_by_link",
    "sign_out",
    "unused_owner_link",
    "update_record",
]
