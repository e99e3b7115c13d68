from django.db import migrations, models


class Migration(migrations.Migration):
    """Numbers of editions mean something only to processes that run: they begin anew."""

    dependencies = [("publishing", "0001_initial")]
    operations = [
        migrations.DeleteModel("Edition"),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
