"""Papers that a procedure issues, and the templates they are drawn from."""

from typing import Literal

from pydantic import Field

from zhibu.packs.schema.base import NO_LIMIT, Cite, Days, Part, Slug

Layout = Literal["plain", "qingshi", "pifu", "tongzhi"]


class Register(Part):
    """A book of numbers: counted by organisation and year, never with a gap."""

    id: Slug = Field(description="编号；几种文书写同一个，就在一本里连着编号")
    title: str = Field(min_length=1, max_length=20, description="名称，例如 组织关系介绍信")
    code: str = Field(
        min_length=1,
        max_length=12,
        pattern=r"^[^\s〔〕{}]+$",
        description="代字，编成 代字〔年〕几号，例如 接转〔2026〕3号",
    )


class Paper(Part):
    """A numbered paper, drawn from a template, issued when a step ends with an outcome."""

    id: Slug = Field(description="编号，outcomes 的 issues 写它")
    title: str = Field(min_length=1, max_length=20, description="名称，例如 组织关系介绍信")
    template: Slug = Field(
        description="模板：templates/ 里的 编号.toml（文字写的）或 编号.docx（Word 做的）"
    )
    numbering: Register = Field(description="在哪本登记里编号")
    fields: list[str] = Field(
        default=[], description="模板里写到的字段编号；出文书时都要填了，没填出不了"
    )
    may_lack: list[str] = Field(
        default=[], description="模板里写到、可以没填的字段编号；没填的印成空的"
    )
    rows: str = Field(
        default="",
        description="表格一行一行写什么：一个多行文字或多选字段的编号（一行、一项写一行），"
        "或者 turns（办过的步骤）；不写是没有表格",
    )
    valid_for: Days | None = Field(
        default=None,
        description="出具以后多久有效，ISO 8601 时长，出具那天不算；不写是一直有效",
    )
    replaces: bool = Field(default=False, description="true 是同一件事再出一份时，前面出的自动作废")
    cites: list[Cite] = Field(default=[], description="依据，不写是整件事的依据")


class Column(Part):
    """A column of the one table a template may have."""

    title: str = Field(min_length=1, max_length=20, description="栏名")
    text: str = Field(min_length=1, max_length=200, description="一行里写什么，例如 {{ row.text }}")
    share: int = Field(default=1, ge=1, le=20, description="占几份宽", json_schema_extra=NO_LIMIT)
    align: Literal["left", "center", "right"] = Field(default="left", description="怎样对齐")


class Template(Part):
    """templates/<id>.toml: the words of a paper; the page is drawn after GB/T 9704-2012."""

    layout: Layout = Field(
        default="plain",
        description="版式：plain 没有红头；qingshi 请示、pifu 批复、tongzhi 通知有红头、"
        "发文字号、红线、版记，请示另有签发人",
    )
    mark: str = Field(
        default="{{ paper_organization }}文件",
        max_length=60,
        description="红头上的字，plain 不用写",
    )
    signer: str = Field(default="", max_length=60, description="签发人，请示写")
    title: list[str] = Field(
        min_length=1, max_length=3, description="标题，一项是一行，每行 18 个字以内好看"
    )
    addressee: str = Field(default="", max_length=120, description="主送，不写冒号")
    paragraphs: list[str] = Field(min_length=1, max_length=40, description="正文，一项是一段")
    table: list[Column] = Field(
        default=[], max_length=8, description="正文后面的表格，一项是一栏；一行一行照 rows 写"
    )
    closing: list[str] = Field(default=[], max_length=10, description="表格后面的段落")
    attachments: list[str] = Field(default=[], max_length=10, description="附件的名称")
    signature: str = Field(
        default="{{ paper_organization }}", max_length=60, description="署名；下面一行是日期"
    )
    contact: str = Field(
        default="", max_length=120, description="附注，例如联系人和电话，印在括号里"
    )
    copies: list[str] = Field(default=[], max_length=20, description="抄送，plain 不用写")

    def texts(self) -> list[tuple[str, str]]:
        """Every text that may name fields, with its place; columns apart."""
        found = [("mark", self.mark), ("signer", self.signer), ("addressee", self.addressee)]
        for name in ("title", "paragraphs", "closing", "attachments", "copies"):
            found += [(f"{name}[{i}]", text) for i, text in enumerate(getattr(self, name))]
        return [*found, ("signature", self.signature), ("contact", self.contact)]
