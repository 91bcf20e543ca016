from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):

    dependencies = [
        ('employers', '0009_kinds_of_every_app'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='contract',
            name='contract_number',
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(Upper('number'), name='contract_number_in_any_case'),
        ),
    ]
