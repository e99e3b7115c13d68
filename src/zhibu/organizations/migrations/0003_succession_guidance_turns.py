"""Successors, the guided-by line, turns to chair; none of the dated ones overlap."""

import django.db.models.deletion
import zhibu.core.encryption
from django.db import migrations, models

from zhibu.core.intervals import NoOverlap


TABLES = ("organizations_organization", "organizations_placement", "people_person")


def drop_second_indexes(apps, editor):
    """Path columns are compared bytewise: their index for patterns was one too many, and a
    move wrote it once a row."""
    if editor.connection.vendor != "postgresql":
        return
    with editor.connection.cursor() as cursor:
        cursor.execute(
            "select indexname from pg_indexes where tablename = any(%s)"
            " and indexname ~ '_path_[0-9a-f]+_like$'",
            [list(TABLES)],
        )
        for (name,) in cursor.fetchall():
            editor.execute(f"drop index {editor.quote_name(name)}")


class Migration(migrations.Migration):

    dependencies = [
        ('organizations', '0002_intervals'),
    ]

    operations = [
        migrations.AlterField(
            model_name='organization',
            name='kind',
            field=models.CharField(choices=[('committee', '党委'), ('work-committee', '党工委'), ('leading-group', '党组'), ('general-branch', '党总支'), ('branch', '党支部'), ('joint-branch', '联合党支部'), ('temporary-branch', '临时党支部'), ('village-committee', '村（居）委会'), ('supervision-committee', '村务监督委员会'), ('supervision-group', '监督小组'), ('joint-meeting', '联席会议'), ('team', '工作队'), ('union', '工会'), ('league', '共青团'), ('women', '妇联'), ('council', '议事会'), ('department', '部门'), ('firm', '企业'), ('estate', '小区')], max_length=24, verbose_name='类别'),
        ),
        migrations.CreateModel(
            name='Guidance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('guide', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guided', to='organizations.organization')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guidances', to='organizations.organization')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='organizations_guidance_forward'), models.CheckConstraint(condition=models.Q(('guide', models.F('organization')), _negated=True), name='organizations_guidance_of_two')],
            },
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('on', models.DateField()),
                ('kind', models.CharField(choices=[('merge', '合并'), ('split', '分设'), ('continue', '改设')], max_length=8)),
                ('paper', models.CharField(blank=True, default='', max_length=80, verbose_name='文号')),
                ('predecessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='organizations.organization')),
                ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inheritances', to='organizations.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('predecessor', 'successor'), name='organizations_succession_once'), models.CheckConstraint(condition=models.Q(('predecessor', models.F('successor')), _negated=True), name='organizations_succession_of_two')],
            },
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='organizations.organization')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns_to_chair', to='organizations.organization')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='organizations_turn_forward')],
            },
        ),
        migrations.RunPython(drop_second_indexes, migrations.RunPython.noop),
        NoOverlap("organizations_guidance", ["guide_id", "organization_id"]),
        NoOverlap("organizations_turn", ["organization_id"]),
    ]
