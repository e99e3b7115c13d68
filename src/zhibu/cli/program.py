"""The commands and their options, and how each ends."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.exceptions import Abort, Exit, TyperException

from zhibu.cli.console import BROKEN, DONE, FAULTS, REFUSED, USAGE, As, Ended, Json

app = typer.Typer(
    name="zhibu",
    help="支部：基层组织的工作平台。数据在 ZHIBU_HOME，默认 ~/.zhibu。",
    epilog=f"退出码：{DONE} 办完，{FAULTS} 查出问题，{USAGE} 用法不对，"
    f"{REFUSED} 规定不允许，{BROKEN} 安装有问题。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Folder = Annotated[
    Path, typer.Argument(metavar="目录", exists=True, file_okay=False, help="制度包所在的目录。")
]
Folders = Annotated[
    list[Path],
    typer.Argument(
        metavar="目录", exists=True, file_okay=False, help="制度包所在的目录，可写几个。"
    ),
]
Source = Annotated[Path, typer.Argument(metavar="文件", exists=True, dir_okay=False, readable=True)]
Port = Annotated[int, typer.Option(min=1, max=65535, help="端口。")]
Host = Annotated[str, typer.Option(help="监听的地址。")]


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Faults of ours are tracebacks, everything else a sentence."""
    try:
        code = typer.main.get_command(app).main(
            args=list(arguments), prog_name="zhibu", standalone_mode=False
        )
    except Ended as ended:
        if ended.message:
            sys.stderr.write(f"{ended.message}\n")
        return ended.code
    except Exit as ended:
        return int(ended.exit_code)
    except Abort:
        return USAGE
    except TyperException as error:
        show: Any = getattr(error, "show", None)
        if show is None:
            raise
        show()
        return USAGE
    return code if isinstance(code, int) else DONE


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Ended(USAGE, f"日期“{text}”要写成 2026-11-20 这样。") from error


@app.command()
def init() -> int:
    """新装：建数据目录、密钥、数据库、三个管理员，打印激活码和密钥恢复单。"""
    from zhibu.cli import installing

    return installing.init()


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8000) -> int:
    """开网站：网页和后台任务一起开，Ctrl+C 一起停。"""
    from zhibu.cli import serving

    return serving.serve(host=host, port=port)


@app.command()
def worker() -> int:
    """只开后台任务（serve 已经带着，单独部署时才用）。"""
    from zhibu.cli import background

    return background.worker()


@app.command()
def demo(
    place: Annotated[
        str, typer.Option(metavar="区划代码", help="演示哪个地方，写 6 位区划代码。")
    ] = "321012",
    size: Annotated[
        Literal["small", "county"],
        typer.Option(help="small 是几个镇、两个季度；county 是全县、一年，要几分钟。"),
    ] = "small",
    no_serve: Annotated[bool, typer.Option("--no-serve", help="只建数据，不开网站。")] = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> int:
    """建一个演示用的县（人名虚构）并打开；数据在 ./.demo。"""
    from zhibu.cli import demonstrating

    return demonstrating.demo(place=place, size=size, serves=not no_serve, host=host, port=port)


@app.command(name="import")
def import_(
    file: Source,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入。")] = False,
    clean_only: Annotated[
        bool, typer.Option("--clean-only", help="没问题的先导入，有问题的用 --rest 存出来。")
    ] = False,
    rest: Annotated[
        Path | None, typer.Option("--rest", metavar="文件", help="有问题的行存到这个表格。")
    ] = None,
    under: Annotated[
        str, typer.Option("--under", metavar="组织代码", help="名册挂在哪个组织下面。")
    ] = "",
    as_json: Json = False,
    as_user: As = "",
) -> int:
    """导入组织和人员名册（.xlsx 或 .csv）。"""
    from zhibu.cli.console import acting

    if rest is not None and not clean_only:
        raise Ended(USAGE, "--rest 要和 --clean-only 一起用。")
    with acting("import", as_user) as by:
        from zhibu.imports.command import run_import

        return run_import(
            file,
            dry_run=dry_run,
            clean_only=clean_only,
            rest=rest,
            as_json=as_json,
            by=by,
            under=under,
        )


@app.command(name="undo-import")
def undo_import(
    number: Annotated[int, typer.Argument(metavar="导入编号", min=1)],
    as_json: Json = False,
    as_user: As = "",
) -> int:
    """撤销一次导入：那次带进来、别处还没用到的，全部撤走。"""
    from zhibu.cli.console import acting

    with acting("undo-import", as_user) as by:
        from zhibu.imports.command import undo_import as undo

        return undo(number, as_json=as_json, by=by)


@app.command(name="check-pack")
def check_pack(
    folders: Folders,
    play: Annotated[
        bool, typer.Option("--play", help="再把例子一步一步走一遍，不动任何数据。")
    ] = False,
    example: Annotated[
        list[str] | None, typer.Option("--example", metavar="编号", help="只走这个，可写几次。")
    ] = None,
    as_json: Json = False,
) -> int:
    """检查制度包，列出全部问题；不用先安装平台。"""
    from zhibu.cli.console import has_installation, open_program

    if as_json and (play or example):
        raise Ended(USAGE, "--play 给人看，不能和 --json 一起用。")
    if len(folders) > 1 and (as_json or play or example):
        raise Ended(USAGE, "--json、--play、--example 一次只看一个目录。")
    open_program()
    from zhibu.packs.command import check_pack as check

    here = has_installation()
    code = max(check(folder, as_json=as_json, installed=here) for folder in folders)
    if not (play or example):
        return code
    from zhibu.cli import playing

    return max(code, playing.play(folders[0], example or []))


@app.command(name="install-pack")
def install_pack(
    folder: Folder,
    confirm: Annotated[bool, typer.Option("--confirm", help="安全管理员确认。")] = False,
    as_user: As = "",
) -> int:
    """安装制度包：系统管理员提出，安全管理员用 --confirm 确认。"""
    from zhibu.cli.console import acting

    with acting("install-pack", as_user) as by:
        from zhibu.packs.command import install_pack as install

        return install(folder, confirm=confirm, by=by)


@app.command()
def adopt(
    pack: Annotated[str, typer.Argument(metavar="制度包", help="例如 national/branch-life。")],
    organization: Annotated[
        str, typer.Option("--organization", metavar="组织代码", help="从哪个组织起往下都用。")
    ],
    since: Annotated[str, typer.Option("--from", metavar="日期", help="从哪天起。")],
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="领域", help="只用于这些领域，可写几次。")
    ] = None,
    paper: Annotated[str, typer.Option("--paper", help="依据的文件。")] = "",
    guided: Annotated[
        bool, typer.Option("--guided", help="用于它业务指导的组织，不是它下面的组织。")
    ] = False,
    as_user: As = "",
) -> int:
    """采用制度包：从某天起，在某个组织和下面（或它指导的组织）都按它办。"""
    from zhibu.cli import adopting

    return adopting.adopt(
        pack=pack,
        organization=organization,
        since=_day(since),
        fields=field or [],
        paper=paper,
        guided=guided,
        as_user=as_user,
    )


@app.command()
def duties(
    organization: Annotated[
        str, typer.Option("--organization", metavar="组织代码", help="只看这个组织和下面。")
    ] = "",
    on: Annotated[
        str, typer.Option("--on", metavar="日期", help="看哪天的情况；不写是今天。")
    ] = "",
    as_json: Json = False,
) -> int:
    """列出应办事项和办到哪了。"""
    from zhibu.cli.console import endings, open_installation

    day = _day(on) if on else None
    open_installation()
    with endings():
        from zhibu.duties.command import show

        return show(organization=organization, on=day, as_json=as_json)


@app.command()
def recount(
    on: Annotated[
        str, typer.Option("--on", metavar="日期", help="算到哪天为止的情况；不写是今天。")
    ] = "",
    campaigns: Annotated[
        bool, typer.Option("--campaigns", help="对集中活动里各单位办了多少，不对应办。")
    ] = False,
    as_json: Json = False,
) -> int:
    """用另一种办法重新计算全树的应办，和存着的一项一项对；不改数据。"""
    from zhibu.cli import recounting

    if campaigns:
        return recounting.recount_campaigns(on=_day(on) if on else None, as_json=as_json)
    return recounting.recount(on=_day(on) if on else None, as_json=as_json)


@app.command()
def verify(
    published: Annotated[
        Path | None,
        typer.Option(
            "--published", metavar="文件或目录", exists=True, help="和别人留存的封存头也对一遍。"
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """核验存证：逐条证明没有改、删、插、换，附件也在，数据库不比公布过的旧。"""
    from zhibu.cli import verifying

    return verifying.verify(as_json=as_json, published=published)


@app.command()
def proof(
    record: Annotated[
        str, typer.Argument(metavar="种类:编号", help="例如 activities.activity:12。")
    ] = "",
    heads: Annotated[
        tuple[int, int] | None,
        typer.Option("--heads", metavar="旧 新", help="证明后一个封存头包含前一个的全部。"),
    ] = None,
    with_record: Annotated[
        bool, typer.Option("--with-record", help="连记录内容和盐一起写出来；有个人信息，慎用。")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="文件", help="写到这个文件；不写就打印。")
    ] = None,
) -> int:
    """开证明：一条记录在存证里，或前后两个封存头一致。别人怎么核对见 docs/proofs.md。"""
    from zhibu.cli import proving

    return proving.proof(record, heads=heads, with_record=with_record, out=out)


@app.command()
def publish() -> int:
    """现在就公布最新的封存头，没送到的再送一次；平时后台每天自动公布。"""
    from zhibu.cli import proving

    return proving.publish()


@app.command(name="accept-older")
def accept_older(
    reason: Annotated[str, typer.Option("--reason", help="为什么旧，例如：磁盘坏了。")],
    as_user: As = "",
) -> int:
    """承认数据库比公布过的封存头旧：记进存证，并随以后的封存头公布。"""
    from zhibu.cli import archiving

    return archiving.accept_older(reason, as_user=as_user)


@app.command(name="recovery-sheet")
def recovery_sheet() -> int:
    """再打印一次密钥恢复单。上面是密钥本身，打印完封好。"""
    from zhibu.cli import installing

    return installing.print_recovery_sheet()


@app.command(name="rotate-ledger-key")
def rotate_ledger_key(
    lost: Annotated[
        bool, typer.Option("--lost", help="旧的签名密钥丢了，恢复单也没有了。")
    ] = False,
    as_user: As = "",
) -> int:
    """换一把签名密钥：旧的给新的担保，以前的签名照样能核对。"""
    from zhibu.cli import installing

    return installing.rotate_ledger_key(is_lost=lost, as_user=as_user)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="文件", help="存成哪个文件；已有的不覆盖。")],
    as_user: As = "",
) -> int:
    """备份：数据库和附件存进一个文件；密钥不在里面，要另外保管。"""
    from zhibu.cli import archiving

    return archiving.backup(file, as_user=as_user)


@app.command()
def restore(
    file: Source,
    with_faults: Annotated[
        bool, typer.Option("--with-faults", help="备份里的存证有问题也恢复。")
    ] = False,
    older: Annotated[
        bool, typer.Option("--older", help="备份比公布过的封存头旧也恢复；会记进存证并公布。")
    ] = False,
    as_user: As = "",
) -> int:
    """从备份恢复到一个空的安装；核对、升级、核验都过了才换上。"""
    from zhibu.cli import archiving

    return archiving.restore(file, keeps_faults=with_faults, accepts_older=older, as_user=as_user)


@app.command()
def drill(as_user: As = "") -> int:
    """演练恢复：备份、恢复到别处、逐行比对，用完就删；现在的数据不动。"""
    from zhibu.cli import drilling

    return drilling.drill(as_user=as_user)


@app.command()
def upgrade(
    with_faults: Annotated[
        bool, typer.Option("--with-faults", help="存证本来就有问题也升级。")
    ] = False,
    as_user: As = "",
) -> int:
    """换了新程序以后升级数据：先备份，升级、核验都过了才换上，不成就还是原样。"""
    from zhibu.cli import upgrading

    return upgrading.upgrade(keeps_faults=with_faults, as_user=as_user)


@app.command(name="copy-to")
def copy_to(
    address: Annotated[
        str, typer.Argument(metavar="地址", help="空的 PostgreSQL 库：postgresql://用户@主机/库。")
    ],
    as_user: As = "",
) -> int:
    """把 SQLite 的数据复制到 PostgreSQL，逐行比对、核验；原来的不动。"""
    from zhibu.cli import copying

    return copying.copy_to(address, as_user=as_user)


@app.command(name="check-mail")
def check_mail(
    address: Annotated[str, typer.Argument(metavar="邮箱", help="寄一封试的到这个地址。")],
) -> int:
    """试发一封邮件：发信服务器设得对不对，不对说在哪里。"""
    from zhibu.cli import mailing

    return mailing.check_mail(address)


@app.command()
def doctor(as_json: Json = False) -> int:
    """检查安装：哪里不对、怎么办。"""
    from zhibu.cli import doctoring

    return doctoring.doctor(as_json=as_json)
