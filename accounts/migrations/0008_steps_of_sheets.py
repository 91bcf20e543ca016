"""Sheets get steps and rules; every sheet that waits or was answered gets the one step that it had so far."""

import hashlib
import json

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

RENAMED = {"confirmed": "approved", "refused": "returned"}
ASKS = {
    "roles": "second_name",
    "headship": "second_name",
    "stand_in": "absent_or_second",
    "in_charge": "appointer",
}
# Those whom the request itself names as able to decide.
NAMED = {
    "stand_in": lambda asked: [asked["absent"]],
    "in_charge": lambda asked: [pk for pk in asked["was"][1:] if pk],
}


def rename_states(apps, schema_editor, renamed=RENAMED):
    """State alone is written, so that the table may be altered in the same transaction."""
    Sheet = apps.get_model("accounts", "Sheet")
    for old, new in renamed.items():
        Sheet.objects.filter(state=old).update(state=new)


def rename_back(apps, schema_editor):
    rename_states(apps, schema_editor, {new: old for old, new in RENAMED.items()})


def make_steps(apps, schema_editor):
    """As accounts.approvals.engine makes them; what it hashes is `asked`, for every matter of before."""
    Sheet, Step = apps.get_model("accounts", "Sheet"), apps.get_model("accounts", "Step")
    for sheet in Sheet.objects.filter(state__in=["open", "approved", "returned"], matter__in=ASKS).iterator():
        is_open = sheet.state == "open"
        Step.objects.create(
            sheet=sheet,
            position=1,
            asks=ASKS[sheet.matter],
            goes_to=ASKS[sheet.matter] if is_open else "",
            state="asked" if is_open else sheet.state,
            opened_by=sheet.asked_by,
            about=sheet.about,
            asked_on=timezone.localtime(sheet.asked_at).date(),
            decided_by=sheet.decided_by,
            decided_at=sheet.decided_at,
            opinion=sheet.opinion,
            exception=sheet.exception if not is_open else "",
        )
        if is_open:
            sheet.named.set(NAMED.get(sheet.matter, lambda asked: [])(sheet.asked))
            content = json.dumps(sheet.asked, sort_keys=True, ensure_ascii=False, default=str)
            digest = hashlib.sha256(content.encode()).hexdigest()
            Sheet.objects.filter(pk=sheet.pk).update(content_hash=digest)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_supervision'),
    ]

    operations = [
        migrations.CreateModel(
            name='Chain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matter', models.CharField(max_length=20)),
                ('kind', models.CharField(blank=True, default='', max_length=12)),
                ('funding', models.CharField(blank=True, default='', max_length=12)),
                ('amount_from', models.PositiveBigIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('steps', models.JSONField()),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='修改原因')),
                ('set_at', models.DateTimeField(auto_now_add=True)),
                ('replaced_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': '审批规则',
                'verbose_name_plural': '审批规则',
                'ordering': ['matter', 'kind', 'funding', 'amount_from', '-version'],
            },
        ),
        migrations.CreateModel(
            name='Step',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('asks', models.CharField(max_length=30)),
                ('goes_to', models.CharField(blank=True, default='', max_length=30)),
                ('days', models.PositiveSmallIntegerField(null=True)),
                ('state', models.CharField(choices=[('ahead', '还没轮到'), ('asked', '等待中'), ('approved', '同意'), ('returned', '不同意'), ('dropped', '不再需要')], default='ahead', max_length=10)),
                ('asked_on', models.DateField(null=True)),
                ('due_on', models.DateField(null=True)),
                ('escalated_on', models.DateField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('opinion', models.CharField(blank=True, max_length=500, verbose_name='意见')),
                ('exception', models.CharField(blank=True, max_length=200)),
                ('repeats', models.BooleanField(default=False)),
            ],
            options={
                'verbose_name': '审批步骤',
                'verbose_name_plural': '审批步骤',
                'ordering': ['sheet', 'position'],
            },
        ),
        migrations.AlterModelOptions(
            name='sheet',
            options={'ordering': ['-pk'], 'verbose_name': '审批单', 'verbose_name_plural': '审批单'},
        ),
        migrations.RemoveConstraint(
            model_name='sheet',
            name='sheet_answered_by_somebody',
        ),
        migrations.AddField(
            model_name='sheet',
            name='content_hash',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.AddField(
            model_name='sheet',
            name='named',
            field=models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='sheet',
            name='opinion',
            field=models.CharField(blank=True, max_length=500, verbose_name='意见'),
        ),
        migrations.AlterField(
            model_name='sheet',
            name='state',
            field=models.CharField(choices=[('open', '待审批'), ('approved', '已批准'), ('returned', '已退回'), ('withdrawn', '已撤回'), ('void', '已失效'), ('at_once', '立即生效'), ('barred', '不允许')], default='open', max_length=10),
        ),
        migrations.RunPython(rename_states, rename_back),
        migrations.AddIndex(
            model_name='sheet',
            index=models.Index(fields=['asked_by'], name='sheet_of_asker'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_by__isnull', False), ('state__in', ['approved', 'returned'])), models.Q(models.Q(('state__in', ['approved', 'returned']), _negated=True), ('decided_by', None)), _connector='OR'), name='sheet_answered_by_somebody'),
        ),
        migrations.AddField(
            model_name='chain',
            name='set_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='step',
            name='about',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='step',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='step',
            name='decided_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='step',
            name='opened_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='step',
            name='sheet',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='accounts.sheet'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.UniqueConstraint(fields=('matter', 'kind', 'funding', 'amount_from', 'version'), name='chain_version_once'),
        ),
        migrations.AddConstraint(
            model_name='chain',
            constraint=models.UniqueConstraint(condition=models.Q(('replaced_at', None)), fields=('matter', 'kind', 'funding', 'amount_from'), name='chain_one_in_force'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(condition=models.Q(('state', 'asked')), fields=['goes_to', 'sheet'], name='step_asked'),
        ),
        migrations.AddIndex(
            model_name='step',
            index=models.Index(fields=['decided_by', '-decided_at'], name='step_by_decider'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.UniqueConstraint(fields=('sheet', 'position'), name='step_position_once'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'asked')), fields=('sheet',), name='step_one_asked'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.UniqueConstraint(condition=models.Q(('repeats', False)), fields=('sheet', 'decided_by'), name='step_one_of_each_person'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('state__in', ['approved', 'returned'])), models.Q(models.Q(('state__in', ['approved', 'returned']), _negated=True), ('decided_at', None), ('decided_by', None), ('decided_for', None)), _connector='OR'), name='step_answered_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('opened_by', None), models.Q(('decided_by', models.F('opened_by')), _negated=True), _connector='OR'), name='step_not_by_who_opened'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('decided_for', None), ('opened_by', None), models.Q(('decided_for', models.F('opened_by')), _negated=True), _connector='OR'), name='step_not_for_who_opened'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('about', None), models.Q(('decided_by', models.F('about')), _negated=True), _connector='OR'), name='step_not_by_who_gains'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('decided_for', None), ('about', None), models.Q(('decided_for', models.F('about')), _negated=True), _connector='OR'), name='step_not_for_who_gains'),
        ),
        migrations.AddConstraint(
            model_name='step',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), ('decided_for', None), models.Q(('decided_by', models.F('decided_for')), _negated=True), _connector='OR'), name='step_stand_in_is_another'),
        ),
        migrations.RunPython(make_steps, migrations.RunPython.noop),
    ]
