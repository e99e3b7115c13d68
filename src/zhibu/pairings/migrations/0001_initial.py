import django.db.models.deletion
import zhibu.core.encryption
from django.conf import settings
from django.db import migrations, models

from zhibu.core.intervals import NoOverlap


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('cases', '0007_everyone_on_a_roll'),
        ('organizations', '0003_succession_guidance_turns'),
        ('people', '0005_one_index_for_phones'),
        ('registers', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('kind', models.CharField(max_length=120)),
                ('wording', models.DateField()),
                ('since', models.DateField(verbose_name='从哪天')),
                ('until', models.DateField(null=True, verbose_name='到哪天')),
                ('state', models.CharField(choices=[('open', '联系中'), ('ended', '结束'), ('voided', '作废')], default='open', max_length=8)),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='原因')),
                ('opened_at', models.DateTimeField()),
                ('contacted_on', models.DateField(editable=False, null=True)),
                ('key', models.CharField(editable=False, max_length=64)),
                ('follows', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='pairings.link')),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links_kept', to='organizations.organization')),
                ('who_organization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links_made', to='organizations.organization')),
                ('who_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links_made', to='people.person')),
                ('who_row', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registers.row')),
                ('whom_organization', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links_had', to='organizations.organization')),
                ('whom_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links_had', to='people.person')),
                ('whom_row', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='links_had', to='registers.row')),
            ],
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('held_on', models.DateField(verbose_name='哪天联系的')),
                ('channel', models.CharField(max_length=60, verbose_name='怎么联系的')),
                ('needs_sealed', models.BinaryField(default=b'')),
                ('erased_at', models.DateTimeField(null=True)),
                ('at', models.DateTimeField()),
                ('struck_at', models.DateTimeField(null=True)),
                ('struck_because', models.CharField(blank=True, default='', max_length=200, verbose_name='为什么划去')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='cases.case')),
                ('struck_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='pairings.link')),
            ],
        ),
        migrations.CreateModel(
            name='Rota',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('kind', models.CharField(max_length=120)),
                ('wording', models.DateField()),
                ('title', models.CharField(max_length=40, verbose_name='名称')),
                ('since', models.DateField(verbose_name='从哪天')),
                ('until', models.DateField(verbose_name='到哪天')),
                ('shifts', models.JSONField(default=list)),
                ('per_shift', models.PositiveSmallIntegerField(verbose_name='一班几个人')),
                ('rest', models.CharField(blank=True, default='', max_length=20)),
                ('state', models.CharField(choices=[('open', '在用'), ('cancelled', '停用')], default='open', max_length=10)),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='原因')),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rotas', to='organizations.organization')),
            ],
        ),
        migrations.CreateModel(
            name='RollPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rolls', to='people.person')),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roll', to='pairings.rota')),
            ],
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='哪天')),
                ('shift', models.CharField(max_length=60, verbose_name='班次')),
                ('seat', models.PositiveSmallIntegerField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('offered_at', models.DateTimeField(null=True)),
                ('came', models.CharField(blank=True, choices=[('', '没有记'), ('came', '来了'), ('away', '没来')], default='', max_length=5)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns_on_duty', to='people.person')),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='pairings.rota')),
                ('wanted', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='wanted_by', to='pairings.turn')),
            ],
        ),
        migrations.CreateModel(
            name='Change',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('by-hand', '换人'), ('taken', '替班'), ('exchanged', '对换')], max_length=10)),
                ('at', models.DateTimeField()),
                ('after', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rota', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='pairings.rota')),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='pairings.turn')),
            ],
        ),
        migrations.AddIndex(
            model_name='link',
            index=models.Index(fields=['kind', 'organization', 'since'], name='pairings_link_kind'),
        ),
        migrations.AddIndex(
            model_name='link',
            index=models.Index(fields=['key'], name='pairings_link_key'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='pairings_link_forward'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('state', 'open')), models.Q(('state', 'ended'), ('until__isnull', False), models.Q(('reason', ''), _negated=True)), models.Q(('state', 'voided'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='pairings_link_ended_with_day_and_reason'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('who_organization__isnull', True), ('who_person__isnull', False), ('who_row__isnull', True)), models.Q(('who_organization__isnull', False), ('who_person__isnull', True), ('who_row__isnull', True)), models.Q(('who_organization__isnull', True), ('who_person__isnull', True), ('who_row__isnull', False)), _connector='OR'), name='pairings_link_one_who'),
        ),
        migrations.AddConstraint(
            model_name='link',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('whom_organization__isnull', True), ('whom_person__isnull', False), ('whom_row__isnull', True)), models.Q(('whom_organization__isnull', False), ('whom_person__isnull', True), ('whom_row__isnull', True)), models.Q(('whom_organization__isnull', True), ('whom_person__isnull', True), ('whom_row__isnull', False)), _connector='OR'), name='pairings_link_one_whom'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(fields=['held_on'], name='pairings_contact_day'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('struck_at', None), ('struck_because', ''), ('struck_by', None)), models.Q(('struck_at__isnull', False), ('struck_by__isnull', False), models.Q(('struck_because', ''), _negated=True)), _connector='OR'), name='pairings_contact_struck_whole'),
        ),
        migrations.AddIndex(
            model_name='rota',
            index=models.Index(fields=['organization', 'since'], name='pairings_rota_org'),
        ),
        migrations.AddConstraint(
            model_name='rota',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='pairings_rota_forward'),
        ),
        migrations.AddConstraint(
            model_name='rota',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('state', 'open')), models.Q(('state', 'cancelled'), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='pairings_rota_cancelled_with_reason'),
        ),
        migrations.AddConstraint(
            model_name='rollplace',
            constraint=models.UniqueConstraint(fields=('rota', 'person'), name='pairings_roll_once'),
        ),
        migrations.AddConstraint(
            model_name='rollplace',
            constraint=models.UniqueConstraint(fields=('rota', 'place'), name='pairings_roll_place'),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(fields=['person', 'starts_at'], name='pairings_turn_person'),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(fields=['starts_at'], name='pairings_turn_day'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.UniqueConstraint(fields=('rota', 'on', 'shift', 'seat'), name='pairings_turn_seat'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.UniqueConstraint(fields=('rota', 'on', 'shift', 'person'), name='pairings_turn_once'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.CheckConstraint(condition=models.Q(('wanted', None), ('offered_at__isnull', False), _connector='OR'), name='pairings_turn_wanted_when_offered'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='pairings_turn_forward'),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['turn'], name='pairings_change_turn'),
        ),
        NoOverlap("pairings_link", ["key"]),
    ]
