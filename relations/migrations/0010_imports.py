"""The uploaded registers of every kind; employers.0007 brings those of employers here."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('relations', '0009_kinds_and_open_terms'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('employer', '用人单位'), ('client', '服务对象'), ('partner', '其他利益相关方'), ('staff', '员工')], max_length=12, verbose_name='类别')),
                ('file', models.FileField(max_length=200, upload_to='imports/%Y/%m/')),
                ('name', models.CharField(max_length=150, verbose_name='文件名')),
                ('state', models.CharField(choices=[('reading', '正在读取'), ('read', '待核对'), ('faulty', '有错'), ('writing', '正在导入'), ('done', '已导入'), ('failed', '没有完成')], default='reading', max_length=8)),
                ('progress', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('report', models.JSONField(blank=True, default=dict)),
                ('sha256', models.CharField(max_length=64)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('committed_at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '导入',
                'verbose_name_plural': '导入',
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), ('committed_at__isnull', False)), models.Q(models.Q(('state', 'done'), _negated=True), ('committed_at', None)), _connector='OR'), name='import_done_when_committed')],
            },
        ),
    ]
