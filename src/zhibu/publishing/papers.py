"""A publication as a notice on paper, with the code that leads to its proof."""

from datetime import date, datetime

from zhibu.documents.pages import Column, Paper
from zhibu.ledger import printed
from zhibu.ledger.printed import Code
from zhibu.publishing.models import Publication

_COLUMNS = (Column("项目", 40), Column("内容", 116))


def compose(
    publication: Publication, code: Code | None, *, address: str = "", made_at: datetime
) -> bytes:
    """The notice as .docx: what is made public, to whom one objects, and nothing else. ``address``:
    where it stands for everybody; "" where it does not."""
    organization = publication.organization.name
    paper = Paper(title=publication.title, author=organization, at=made_at)
    paper.title(publication.title)
    if publication.version > 1:
        paper.subtitle(f"（第 {publication.version} 版）")
    if publication.lines:
        paper.table(_COLUMNS, [(line["label"], line["text"]) for line in publication.lines])
        paper.blank()
    if publication.note:
        paper.paragraph(publication.note)
    if publication.hang_until:
        called = publication.organization.called
        paper.paragraph(
            f"公示到{_day(publication.hang_until)}。有疑问、异议的，请在这天以前向{called}提出。"
        )
    on = publication.published_on
    paper.signature(organization, *([_day(on)] if on else []))
    if code:
        said = "扫码看这一条、提问题，不用登录："
        page = [(printed.png(address), (said, address))] if address else []
        paper.proof(code, *page)
    return paper.to_bytes()


def file_name(publication: Publication) -> str:
    """What the file is called."""
    return f"{publication.title}（{publication.published_on}）.docx"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def printed_as(pk: int) -> printed.Paper | None:
    """What a printed notice is, for its proof page; only of what is there for everybody. One
    query."""
    rows = Publication.objects.filter(pk=pk, state__in=Publication.OUT)
    publication = rows.select_related("organization").first()
    if publication is None:
        return None
    word = {
        Publication.State.WITHDRAWN: "（已撤下）",
        Publication.State.REPLACED: "（有新版）",
    }.get(Publication.State(publication.state), "")
    title = publication.title if publication.is_public else "公开事项"
    return printed.Paper(
        f"{title}{word}", publication.organization.called, publication.published_on
    )
