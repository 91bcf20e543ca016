"""Decisions stand on sheets: every one that waits gets a sheet with one step; those of before keep their history."""

import hashlib
import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

CONTENT = (
    "cycle_id",
    "course",
    "justification",
    "both_agree",
    "is_willing",
    "termination_reason",
    "help_offered",
    "referral_form",
    "referred_to",
    "proposed_by_id",
)


def seed_rule(apps, schema_editor):
    """Whoever may approve and sees the record approves it, as before (R58)."""
    apps.get_model("accounts", "Chain").objects.create(
        matter="decision", steps=[{"asks": "approver", "days": None}], reason="001 P3-用§二(一)5"
    )


def make_sheets(apps, schema_editor):
    """What relations.approvals.decisions.propose would have written when it was proposed."""
    Decision = apps.get_model("relations", "Decision")
    Sheet, Step = apps.get_model("accounts", "Sheet"), apps.get_model("accounts", "Step")
    for decision in Decision.objects.filter(state="proposed", sheet=None).order_by("pk").iterator():
        content = {name: getattr(decision, name) for name in CONTENT}
        written = json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)
        sheet = Sheet.objects.create(
            matter="decision",
            subject=f"cycle:{decision.cycle_id}",
            asked={"people": {}},
            content_hash=hashlib.sha256(written.encode()).hexdigest(),
            asked_by_id=decision.proposed_by_id,
            state="open",
        )
        Sheet.objects.filter(pk=sheet.pk).update(asked_at=decision.proposed_at)
        sheet.told.add(decision.proposed_by_id)
        Step.objects.create(
            sheet=sheet,
            position=1,
            asks="approver",
            goes_to="approver",
            state="asked",
            opened_by_id=decision.proposed_by_id,
            asked_on=timezone.localtime(decision.proposed_at).date(),
        )
        Decision.objects.filter(pk=decision.pk).update(sheet=sheet)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_steps_of_sheets'),
        ('relations', '0012_shares'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_decided_by_somebody',
        ),
        migrations.AddField(
            model_name='decision',
            name='sheet',
            field=models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decision', to='accounts.sheet'),
        ),
        migrations.AddField(
            model_name='historicaldecision',
            name='sheet',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.sheet'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='state',
            field=models.CharField(choices=[('proposed', '待审批'), ('approved', '已批准'), ('returned', '已退回'), ('withdrawn', '已撤回'), ('void', '已失效')], default='proposed', max_length=10, verbose_name='状态'),
        ),
        migrations.AlterField(
            model_name='historicaldecision',
            name='state',
            field=models.CharField(choices=[('proposed', '待审批'), ('approved', '已批准'), ('returned', '已退回'), ('withdrawn', '已撤回'), ('void', '已失效')], default='proposed', max_length=10, verbose_name='状态'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by', None), ('decided_on', None), ('state', 'proposed')), models.Q(('decided_by__isnull', False), ('decided_on__isnull', False), ('state__in', ['approved', 'returned'])), models.Q(('decided_by', None), ('decided_on__isnull', False), ('state__in', ['withdrawn', 'void'])), _connector='OR'), name='decision_decided_by_somebody'),
        ),
        migrations.RunPython(seed_rule, migrations.RunPython.noop),
        migrations.RunPython(make_sheets, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'proposed'), _negated=True), ('sheet__isnull', False), _connector='OR'), name='decision_waits_on_a_sheet'),
        ),
    ]
