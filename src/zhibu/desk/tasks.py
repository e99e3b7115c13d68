"""Playing the worked examples of a proposed pack in the background."""

from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from zhibu.activities.replay import telling
from zhibu.core.jobs import retry
from zhibu.desk.models import Trial
from zhibu.packs.reading import read


@retry(times=5, wait=timedelta(seconds=20))
@task
def run_examples(trial_id: int) -> int:
    """Play what is left, one example a transaction; how many came out otherwise.

    Bears running twice: it goes on after the last one that is on record.
    """
    trial = Trial.objects.select_related("stored").get(pk=trial_id)
    pack, _ = read(trial.stored.files)
    assert pack is not None
    for name in sorted(pack.examples)[trial.done :]:
        told = telling.tell(pack, name)
        trial.differences += [[told.title, text] for text in told.every_difference]
        if told.steps:
            trial.story += [[told.title, list(telling.lines(told))]]
        trial.done += 1
        trial.save(update_fields=["done", "differences", "story"])
    trial.finished_at = timezone.now()
    trial.save(update_fields=["finished_at"])
    return len(trial.differences)
