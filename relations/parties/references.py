"""What happens to the foreign keys of this app to users, stakeholders and contact persons when those are handed over,
merged or erased.
"""

from accounts.references import KEPT, erased_reference, fate_of_fields, merged_reference, moved_reference
from relations.parties import offboarding

DERIVED = moved_reference(note="derived anew from whose the record is")
WRITTEN_ANEW = erased_reference("the pieces of names are written anew")

# when an account is closed (accounts.references.TAKE_OVER)
TAKE_OVER = (
    {
        "relations.Stakeholder.responsible": moved_reference(offboarding.stakeholders_in_charge),
        "relations.Duty.owner": moved_reference(offboarding.running_duties),
        "relations.Task.owner": moved_reference(offboarding.open_tasks),
        "relations.Meeting.lead": moved_reference(
            note="whoever takes the record over leads its meetings to come"
        ),
    }
    | fate_of_fields(DERIVED, "relations.Duty", "responsible")
    | fate_of_fields(DERIVED, "relations.DutySum", "owner", "responsible")
    | fate_of_fields(KEPT, "relations.Stakeholder", "account", "caution_by", "voided_by", "created_by")
    | fate_of_fields(KEPT, "relations.HandOver", "giver", "taker", "by")
    | fate_of_fields(KEPT, "relations.SavedView", "owner")
    | fate_of_fields(KEPT, "relations.Interaction", "starter", "entered_by", "withdrawn_by")
    | fate_of_fields(KEPT, "relations.OurParticipant", "user")
    | fate_of_fields(KEPT, "relations.Task", "created_by")
    | fate_of_fields(KEPT, "relations.Attachment", "uploaded_by", "withdrawn_by")
    | fate_of_fields(KEPT, "relations.Cycle", "received_by")
    | fate_of_fields(KEPT, "relations.StageChange", "by")
    | fate_of_fields(KEPT, "relations.Assessment", "assessed_by")
    | fate_of_fields(KEPT, "relations.Decision", "proposed_by", "decided_by")
    | fate_of_fields(KEPT, "relations.Evaluation", "evaluated_by")
    | fate_of_fields(KEPT, "relations.Meeting", "created_by")
    | fate_of_fields(KEPT, "relations.Share", "user", "given_by", "taken_back_by", "reviewed_by")
    | fate_of_fields(KEPT, "relations.Import", "by")
)

# when two records, or two contact persons, are merged (relations.parties.registers.MERGE)
MERGE = {
    "relations.ContactPerson.stakeholder": merged_reference("people of one name become one"),
    "relations.Term.stakeholder": moved_reference(),
    "relations.StandingSpan.stakeholder": merged_reference("derived anew from the terms of both"),
    "relations.HandOver.stakeholder": KEPT,
    "relations.SearchToken.stakeholder": WRITTEN_ANEW,
    "relations.SearchName.stakeholder": WRITTEN_ANEW,
    "relations.SearchName.person": WRITTEN_ANEW,
    "relations.Interaction.stakeholder": moved_reference(),
    "relations.TheirParticipant.person": merged_reference("somebody takes part in a contact once"),
    "relations.Task.stakeholder": moved_reference(),
    "relations.Attachment.stakeholder": moved_reference(),
    "relations.Duty.stakeholder": merged_reference("derived anew from the log of both"),
    "relations.Cycle.stakeholder": merged_reference(
        "one record has one cycle at a time; the later one is closed"
    ),
    "relations.Meeting.stakeholder": moved_reference(),
    "relations.Share.stakeholder": KEPT,
}

# when personal data has to be erased (relations.parties.registers.PERSONAL_DATA)
PERSONAL_DATA = {
    "relations.ContactPerson.stakeholder": erased_reference(
        "name, telephone and notes, in the kept versions as well"
    ),
    "relations.Term.stakeholder": KEPT,
    "relations.StandingSpan.stakeholder": KEPT,
    "relations.HandOver.stakeholder": KEPT,
    "relations.SearchToken.stakeholder": erased_reference(),
    "relations.SearchName.stakeholder": erased_reference(),
    "relations.SearchName.person": erased_reference(),
    "relations.Interaction.stakeholder": KEPT,
    "relations.TheirParticipant.person": KEPT,
    "relations.Task.stakeholder": KEPT,
    "relations.Attachment.stakeholder": KEPT,
    "relations.Duty.stakeholder": KEPT,
    "relations.Cycle.stakeholder": KEPT,
    "relations.Meeting.stakeholder": KEPT,
    "relations.Share.stakeholder": KEPT,
}
