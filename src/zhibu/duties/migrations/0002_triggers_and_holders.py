import datetime
import django.db.models.deletion
import zhibu.core.encryption
from django.conf import settings
from django.db import migrations, models
from django.db.models import functions


def close_with_the_period(apps, schema_editor):
    """Right for every pack without entered_within; the next refresh sets the others."""
    last_day = models.ExpressionWrapper(
        models.F("period_until") - datetime.timedelta(days=1), output_field=models.DateField()
    )
    closes_on = functions.Greatest("due_on", functions.Cast(last_day, models.DateField()))
    apps.get_model("duties", "Obligation").objects.update(closes_on=closes_on)


class Migration(migrations.Migration):

    dependencies = [
        ('duties', '0001_initial'),
        ('organizations', '0002_intervals'),
        ('people', '0002_intervals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Lapsed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('holder_kind', models.CharField(choices=[('organization', '组织'), ('party-group', '党小组'), ('person', '个人'), ('post', '职务'), ('pair', '一对'), ('register-row', '台账一行')], max_length=14)),
                ('holder_id', models.BigIntegerField()),
                ('pack', models.CharField(max_length=80)),
                ('duty', models.CharField(max_length=60)),
                ('period_since', models.DateField()),
                ('period_until', models.DateField()),
                ('ground_on', models.DateField()),
                ('done_on', models.DateField()),
                ('credited_by', models.JSONField(default=list)),
                ('lapsed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Talk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('kind', models.CharField(max_length=140)),
                ('held_on', models.DateField(verbose_name='日期')),
                ('recorded_at', models.DateTimeField()),
                ('first_confirmed_at', models.DateTimeField(null=True)),
                ('second_confirmed_at', models.DateTimeField(null=True)),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name='obligation',
            name='closes_on',
            field=models.DateField(default=datetime.date(2000, 1, 1)),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='obligation',
            name='ground_on',
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name='obligation',
            index=models.Index(fields=['holder_kind', 'holder_id'], name='duties_holder'),
        ),
        migrations.AddField(
            model_name='lapsed',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='organizations.organization'),
        ),
        migrations.AddField(
            model_name='talk',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='talk',
            name='first_confirmed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='talk',
            name='organization',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='talks', to='organizations.organization'),
        ),
        migrations.AddField(
            model_name='talk',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='talk',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='talk',
            name='second_confirmed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='lapsed',
            index=models.Index(fields=['holder_kind', 'holder_id'], name='duties_lapsed_holder'),
        ),
        migrations.AddIndex(
            model_name='talk',
            index=models.Index(fields=['first', 'held_on'], name='duties_talk_first'),
        ),
        migrations.AddIndex(
            model_name='talk',
            index=models.Index(fields=['second', 'held_on'], name='duties_talk_second'),
        ),
        migrations.AddConstraint(
            model_name='talk',
            constraint=models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='duties_talk_of_two'),
        ),
        migrations.RunPython(
            close_with_the_period, migrations.RunPython.noop, elidable=True
        ),
    ]
