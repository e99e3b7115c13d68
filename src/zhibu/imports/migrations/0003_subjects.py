from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('imports', '0002_years_before'),
    ]

    operations = [
        migrations.AddField(
            model_name='batch',
            name='subject',
            field=models.CharField(blank=True, default='', max_length=160),
        ),
    ]
