"""The words that come with the product for each sensitive topic, until HR writes the company's own.

Plain, short, without promises in the company's name, and without naming what the person wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TITLES: Mapping[str, str] = {
    "harassment": "You do not have to put up with this",
    "grievance": "You can raise this, and be heard",
    "bereavement": "We are sorry for your loss",
    "health": "You are not alone with this",
    "redundancy": "Please talk to a person about this",
    "whistleblowing": "You can report this safely",
}
_PRIVATE = (
    "No page of HR or your manager shows this conversation, and no log does. Whoever can sign in as you can read it; "
    "deleting the conversation removes it. Nothing is reported for you: what happens next is your decision."
)
DEFAULT_TEXTS: Mapping[str, str] = {
    "harassment": (
        "Harassment, bullying and discrimination have no place at work, whoever they come from. If you are in danger "
        "now, go somewhere safe and call your local emergency number.\n\n"
        "You can talk in confidence to the contact below. They will explain what you can do, and nothing is done "
        "without your agreement unless somebody is in danger. If you can, write down what happened, when, "
        "and who saw it.\n\n" + _PRIVATE
    ),
    "grievance": (
        "If you have been treated unfairly, you have the right to say so and to be heard without disadvantage.\n\n"
        "The contact below explains how a complaint is made, who decides, and who can come with you. You can talk "
        "first and decide later whether you want to make it formal. If the complaint is about that person, turn to "
        "another member of HR or to an employee representative.\n\n" + _PRIVATE
    ),
    "bereavement": (
        "We are sorry. Take the time that you need; work can wait today.\n\n"
        "You do not have to fill in anything now. Tell your manager or the contact below in a few words that you are "
        "away, or ask somebody to do so for you. They will sort out time off and what else can be arranged.\n\n"
        + _PRIVATE
    ),
    "health": (
        "Thank you for putting it into words. If you are in danger or think of harming yourself, call your local "
        "emergency number or a crisis line now, or go to the nearest hospital.\n\n"
        "You decide whom you tell and how much. Nobody at work needs your diagnosis to help you. The contact below can "
        "talk with you in confidence about support, time off and changes to your work; your doctor is there for you "
        "too.\n\n" + _PRIVATE
    ),
    "redundancy": (
        "Losing a job, or fearing it, is serious, and an automatic answer is the wrong place for it.\n\n"
        "Please talk to the contact below about what applies to you. You do not have to sign anything at once: ask for "
        "time and for advice, for example from an employee representative, a union or a lawyer. There may be deadlines "
        "for objecting, so do not wait long.\n\n" + _PRIVATE
    ),
    "whistleblowing": (
        "Thank you for not looking away. You may report what you have seen without fear of punishment, also when it "
        "turns out that you were mistaken in good faith.\n\n"
        "Turn to the contact below, or to the authority outside the company that is responsible where you work. Do not "
        "investigate on your own, and keep what you know in a safe place.\n\n" + _PRIVATE
    ),
}


@dataclass(frozen=True)
class ApprovedText:
    """What is shown for a topic, word for word, and the person to turn to. Parts of the contact may be empty."""

    topic: str
    title: str
    paragraphs: tuple[str, ...]
    contact_name: str
    contact_email: str
    contact_phone: str


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, which blank lines divide."""
    parts = text.replace("\r\n", "\n").split("\n\n")
    return tuple(" ".join(part.split()) for part in parts if part.strip())
