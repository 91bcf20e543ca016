"""What becomes of the fields of this app that lead to a colleague, a stakeholder or a contact person."""

from accounts.references import KEPT, each, erased, merged, moved
from relations.parties import offboarding

DERIVED = moved(note="derived anew from whose the record is")
WRITTEN_ANEW = erased("the pieces of names are written anew")

# when a colleague leaves (accounts.references.TAKE_OVER)
TAKE_OVER = (
    {
        "relations.Stakeholder.responsible": moved(offboarding.stakeholders_in_charge),
        "relations.Duty.owner": moved(offboarding.duties_begun),
        "relations.Task.owner": moved(offboarding.open_tasks),
        "relations.Meeting.lead": moved(note="whoever takes the record over leads its meetings to come"),
    }
    | each(DERIVED, "relations.Duty", "responsible")
    | each(DERIVED, "relations.DutySum", "owner", "responsible")
    | each(KEPT, "relations.Stakeholder", "account", "caution_by", "voided_by", "created_by")
    | each(KEPT, "relations.HandOver", "giver", "taker", "by")
    | each(KEPT, "relations.SavedView", "owner")
    | each(KEPT, "relations.Interaction", "starter", "entered_by", "withdrawn_by")
    | each(KEPT, "relations.OurParticipant", "user")
    | each(KEPT, "relations.Task", "created_by")
    | each(KEPT, "relations.Attachment", "uploaded_by", "withdrawn_by")
    | each(KEPT, "relations.Cycle", "received_by")
    | each(KEPT, "relations.StageChange", "by")
    | each(KEPT, "relations.Assessment", "assessed_by")
    | each(KEPT, "relations.Decision", "proposed_by", "decided_by")
    | each(KEPT, "relations.Evaluation", "evaluated_by")
    | each(KEPT, "relations.Meeting", "created_by")
    | each(KEPT, "relations.Share", "user", "given_by", "taken_back_by", "reviewed_by")
    | each(KEPT, "relations.Import", "by")
)

# when two records, or two contact persons, turn out to be one (relations.parties.registers.MERGE)
MERGE = {
    "relations.ContactPerson.stakeholder": merged("people of one name become one"),
    "relations.Term.stakeholder": moved(),
    "relations.StandingSpan.stakeholder": merged("derived anew from the terms of both"),
    "relations.HandOver.stakeholder": KEPT,
    "relations.SearchToken.stakeholder": WRITTEN_ANEW,
    "relations.SearchName.stakeholder": WRITTEN_ANEW,
    "relations.SearchName.person": WRITTEN_ANEW,
    "relations.Interaction.stakeholder": moved(),
    "relations.TheirParticipant.person": merged("somebody takes part in a contact once"),
    "relations.Task.stakeholder": moved(),
    "relations.Attachment.stakeholder": moved(),
    "relations.Duty.stakeholder": merged("derived anew from the log of both"),
    "relations.Cycle.stakeholder": merged("one record has one cycle at a time; the later one is closed"),
    "relations.Meeting.stakeholder": moved(),
    "relations.Share.stakeholder": KEPT,
}

# when what is known of a person has to be erased (relations.parties.registers.PERSONAL_DATA)
PERSONAL_DATA = {
    "relations.ContactPerson.stakeholder": erased("name, telephone and notes, in the kept versions as well"),
    "relations.Term.stakeholder": KEPT,
    "relations.StandingSpan.stakeholder": KEPT,
    "relations.HandOver.stakeholder": KEPT,
    "relations.SearchToken.stakeholder": erased(),
    "relations.SearchName.stakeholder": erased(),
    "relations.SearchName.person": erased(),
    "relations.Interaction.stakeholder": KEPT,
    "relations.TheirParticipant.person": KEPT,
    "relations.Task.stakeholder": KEPT,
    "relations.Attachment.stakeholder": KEPT,
    "relations.Duty.stakeholder": KEPT,
    "relations.Cycle.stakeholder": KEPT,
    "relations.Meeting.stakeholder": KEPT,
    "relations.Share.stakeholder": KEPT,
}
