"""No share opens an archived file yet: that kind comes with the archive bags. None was ever stored."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('relations', '0015_kinds_of_every_app'),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalshare',
            name='kind',
            field=models.CharField(choices=[('grant', '授权'), ('emergency', '紧急查看')], default='grant', max_length=10, verbose_name='种类'),
        ),
        migrations.AlterField(
            model_name='share',
            name='kind',
            field=models.CharField(choices=[('grant', '授权'), ('emergency', '紧急查看')], default='grant', max_length=10, verbose_name='种类'),
        ),
    ]
