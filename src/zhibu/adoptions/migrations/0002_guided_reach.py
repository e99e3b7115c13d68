"""Adoptions may reach the organisations one guides; once open a pack, organisation and reach."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('adoptions', '0001_initial'),
        ('organizations', '0003_succession_guidance_turns'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='adoption',
            name='adoptions_once_open',
        ),
        migrations.RemoveConstraint(
            model_name='adoption',
            name='adoptions_subtree_only_yet',
        ),
        migrations.AlterField(
            model_name='adoption',
            name='reach',
            field=models.CharField(choices=[('subtree', '本组织和下面的全部组织'), ('guided', '所指导的组织和下面的全部组织')], default='subtree', max_length=8),
        ),
        migrations.AddConstraint(
            model_name='adoption',
            constraint=models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('pack', 'organization', 'reach'), name='adoptions_once_open'),
        ),
        migrations.AddConstraint(
            model_name='adoption',
            constraint=models.CheckConstraint(condition=models.Q(('reach__in', ['subtree', 'guided'])), name='adoptions_reach_known'),
        ),
    ]
