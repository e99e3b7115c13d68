"""Member groups, consent, corrections, openings, merges and hand-overs; guests of a branch."""

import django.db.models.deletion
import zhibu.core.bytewise
import zhibu.core.encryption
import zhibu.core.paths
from django.conf import settings
from django.db import migrations, models

from zhibu.core.intervals import NoOverlap


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_intervals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='host_path',
            field=zhibu.core.paths.PathField(db_default='', db_index=True, default='', editable=False, max_length=48),
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('gone_id', models.BigIntegerField(unique=True)),
                ('chosen', models.JSONField()),
                ('moved', models.JSONField()),
                ('reason', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('kept', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges', to='people.person')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('purpose', zhibu.core.bytewise.BytewiseCharField(max_length=200)),
                ('given_how', models.CharField(choices=[('self', '本人在系统里'), ('paper', '书面'), ('spoken', '当面或电话说的')], max_length=6)),
                ('given_at', models.DateTimeField()),
                ('withdrawn_how', models.CharField(blank=True, choices=[('self', '本人在系统里'), ('paper', '书面'), ('spoken', '当面或电话说的')], default='', max_length=6)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='consents', to='people.person')),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('person', 'purpose'), name='people_one_open_consent'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_by', None), ('withdrawn_how', '')), models.Q(('withdrawn_at__isnull', False), ('withdrawn_by__isnull', False), models.Q(('withdrawn_how', ''), _negated=True)), _connector='OR'), name='people_consent_withdrawn_whole')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('about', models.CharField(choices=[('name', '姓名'), ('sex', '性别'), ('born_on', '出生日期'), ('ethnicity', '民族'), ('education', '学历'), ('occupation', '工作岗位'), ('id_number', '身份证号'), ('phone', '电话'), ('address', '住址'), ('state', '党员身份和日期'), ('branch', '支部和小组'), ('post', '任职'), ('attendance', '到会记录'), ('other', '其他')], max_length=12)),
                ('text_sealed', models.BinaryField(default=b'')),
                ('asked_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', '等答复'), ('accepted', '已更正'), ('refused', '没有更正'), ('taken-back', '本人撤回')], default='open', max_length=10)),
                ('answer', models.CharField(blank=True, default='', max_length=200)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='people.person')),
            ],
            options={
                'indexes': [models.Index(fields=['person', '-asked_at'], name='people_correction_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('answered_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='people_correction_answered_whole'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'refused']), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='people_correction_decided_with_reason')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('since', models.DateField(verbose_name='交接日')),
                ('items', models.JSONField(default=list)),
                ('papers', models.JSONField(default=list)),
                ('note', models.CharField(blank=True, default='', max_length=400, verbose_name='说明')),
                ('state', models.CharField(choices=[('open', '等签字'), ('done', '已交接'), ('cancelled', '不办了')], default='open', max_length=10)),
                ('drawn_at', models.DateTimeField()),
                ('given_how', models.CharField(blank=True, choices=[('system', '本人在系统里确认'), ('paper', '在纸上签了字')], default='', max_length=6)),
                ('given_at', models.DateTimeField(null=True)),
                ('taken_how', models.CharField(blank=True, choices=[('system', '本人在系统里确认'), ('paper', '在纸上签了字')], default='', max_length=6)),
                ('taken_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_reason', models.CharField(blank=True, default='', max_length=200)),
                ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('holding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='people.holding')),
                ('successor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('holding',), name='people_one_open_handover'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('given_at', None), ('given_how', '')), models.Q(models.Q(('given_how', ''), _negated=True), ('given_at__isnull', False)), _connector='OR'), models.Q(models.Q(('taken_at', None), ('taken_how', '')), models.Q(models.Q(('taken_how', ''), _negated=True), ('taken_at__isnull', False)), _connector='OR')), name='people_handover_signed_whole'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('ended_by', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='people_handover_ended_whole')],
            },
        ),
        migrations.CreateModel(
            name='MemberGrouping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('group', zhibu.core.bytewise.BytewiseCharField(db_column='member_group', max_length=200)),
                ('since', models.DateField()),
                ('until', models.DateField(null=True)),
                ('put_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='member_groups', to='people.person')),
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['group', 'since'], name='people_member_group')],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gt', models.F('since')), _connector='OR'), name='people_member_group_forward'), models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('person', 'group'), name='people_one_open_member_group')],
            },
        ),
        migrations.CreateModel(
            name='NotSame',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('one', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
            options={
                'verbose_name_plural': 'not same',
                'constraints': [models.UniqueConstraint(fields=('one', 'other'), name='people_not_same_once'), models.CheckConstraint(condition=models.Q(('one__lt', models.F('other'))), name='people_not_same_in_order')],
            },
        ),
        migrations.CreateModel(
            name='Opening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.BinaryField(default=zhibu.core.encryption.new_salt, max_length=16)),
                ('opened_on', models.DateField()),
                ('at', models.DateTimeField()),
                ('standing', models.CharField(max_length=120)),
                ('is_recorded', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='people.person')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_recorded', False)), fields=['opened_on'], name='people_opening_unrecorded')],
                'constraints': [models.UniqueConstraint(fields=('person', 'by', 'opened_on'), name='people_opening_once')],
            },
        ),
        NoOverlap("people_membergrouping", ["person_id", "member_group"]),
    ]
