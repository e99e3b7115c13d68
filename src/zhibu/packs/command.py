"""``check-pack`` and ``install-pack``: the same steps as on the page."""

import json
import sys
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.packs import actions, library
from zhibu.packs.checking import check_folder
from zhibu.packs.models import StoredPack


def check_pack(folder: Path, *, as_json: bool, installed: bool = True) -> int:
    """Print every fault of a folder; 0 where there is none, 1 otherwise.

    Without an installation only the shipped packs are known beside it. One of those that is not
    whole itself is told of in one line.
    """
    try:
        others = library.packs() if installed else library.shipped()
    except library.BrokenPack as broken:
        sys.stdout.write(f"{broken}\n")
        return 1
    pack, faults = check_folder(folder.resolve(), others)
    if as_json:
        found = {
            "format": 1,
            "pack": pack.id if pack else None,
            "version": pack.meta.version if pack else None,
            "ok": not faults,
            "faults": [
                {"file": f.file, "place": f.place, "message": f.message, "remedy": f.remedy}
                for f in faults
            ],
        }
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    else:
        for fault in faults:
            sys.stdout.write(f"{fault}\n")
        name = pack.id if pack else folder.name
        sys.stdout.write(f"{name}：{'没有问题' if not faults else f'{len(faults)} 处要改'}\n")
    return 1 if faults else 0


def install_pack(folder: Path, *, confirm: bool, by: User) -> int:
    """Propose a pack, or confirm the one proposed; a demo does both at once. 0 done, 1 faults.

    Raises:
        Refused: not entitled, or the same hand twice.
    """
    pack, faults = check_folder(folder.resolve(), library.packs())
    if pack is None or faults:
        for fault in faults:
            sys.stdout.write(f"{fault}\n")
        return 1
    at = timezone.now()
    held = StoredPack.objects.filter(digest=pack.digest).first()
    if confirm and held is None:
        sys.stdout.write(f"{pack.id} 还没有提出，先运行 zhibu install-pack，不带 --confirm。\n")
        return 1
    if confirm and held is not None:
        actions.confirm(held, by=by, at=at)
        sys.stdout.write(f"{pack.id} {pack.meta.version} 已安装。\n")
        return 0
    stored = actions.propose(pack, by=by, at=at)
    if settings.IS_DEMO and stored.state == StoredPack.State.HELD:
        stored = actions.confirm(stored, by=by, at=at)
    sys.stdout.write(f"{pack.id} {pack.meta.version}：{stored.get_state_display()}。\n")
    return 0
