"""Duties carry a copy of what decides who sees their record, and the sums of all duties are kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COPY = """
    UPDATE relations_duty
    SET responsible_id = s.responsible_id, record_department_id = s.department_id,
        is_confidential = s.is_confidential
    FROM relations_stakeholder s WHERE s.id = relations_duty.stakeholder_id
"""
SUM = """
    INSERT INTO relations_dutysum (due_on, rule_id, kind, department_id, owner_id, responsible_id,
                                   record_department_id, is_confidential, owed, met)
    SELECT d.due_on, d.rule_id, r.kind, d.department_id, d.owner_id, d.responsible_id, d.record_department_id,
           d.is_confidential, COUNT(*), COUNT(d.met_on)
    FROM relations_duty d JOIN relations_cadencerule r ON r.id = d.rule_id
    GROUP BY d.due_on, d.rule_id, r.kind, d.department_id, d.owner_id, d.responsible_id, d.record_department_id,
             d.is_confidential
"""


def fill(apps, schema_editor):
    for statement in (COPY, SUM):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_refused_attempts'),
        ('relations', '0010_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='duty',
            name='is_confidential',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='duty',
            name='record_department',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.department'),
        ),
        migrations.AddField(
            model_name='duty',
            name='responsible',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='DutySum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_on', models.DateField()),
                ('kind', models.CharField(choices=[('employer', '用人单位'), ('client', '服务对象'), ('partner', '其他利益相关方'), ('staff', '员工')], max_length=12)),
                ('is_confidential', models.BooleanField()),
                ('owed', models.IntegerField()),
                ('met', models.IntegerField()),
                ('department', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.department')),
                ('owner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('record_department', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='accounts.department')),
                ('responsible', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rule', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='relations.cadencerule')),
            ],
            options={
                'verbose_name': '应尽事项合计',
                'verbose_name_plural': '应尽事项合计',
                'ordering': ['due_on', 'pk'],
                'indexes': [models.Index(fields=['record_department', 'due_on'], name='dutysum_department'), models.Index(fields=['responsible', 'due_on'], name='dutysum_responsible')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
