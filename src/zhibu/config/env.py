"""What an installation may set: read once from the environment, all faults at once.

Secrets are never in the environment: they lie in ``ZHIBU_HOME/keys``, outside the
database and outside backups.
"""

import ipaddress
import os
import re
from pathlib import Path
from typing import Literal

from croniter import croniter
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "ZHIBU_"


class Environment(BaseSettings):
    """Every setting, with its default. Documented in ``.env.example``."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid")

    home: Path = Field(default=Path("~/.zhibu"), description="数据目录")
    database: str = Field(default="", description="空着用 SQLite；或 postgresql://用户@主机/库")
    hosts: str = Field(default="127.0.0.1,localhost", description="访问用的域名，逗号隔开")
    https: bool = Field(default=False, description="前面有 HTTPS 时设为 true")
    debug: bool = Field(default=False, description="只在开发时打开")
    time_zone: str = Field(default="Asia/Shanghai", description="时区")
    ledger_algorithm: Literal["sha256", "sm3"] = Field(default="sha256", description="存证摘要算法")
    upload_megabytes: int = Field(default=50, ge=1, le=200, description="上传文件上限，MB")
    ledger_key: str = Field(default="", description="签名密钥文件；空着放在数据目录的 keys 里")
    publish_folder: str = Field(default="", description="每天把封存头写到这个目录")
    publish_mail: str = Field(default="", description="每天把封存头寄到这些地址，逗号隔开")
    mail_server: str = Field(default="", description="发信服务器，smtps://用户@主机:465")
    mail_from: str = Field(default="", description="发信人地址")
    address: str = Field(default="", description="打印件二维码、邮件和推送里用的网址，https://…")
    webhook_networks: str = Field(default="", description="推送可以发到的内网网段，逗号隔开")
    proxies: str = Field(default="", description="前面的代理的地址或网段，逗号隔开")
    backup_folder: Path | None = Field(default=None, description="定时备份存到哪里")
    backup_cron: str = Field(default="30 2 * * *", description="什么时候备份，五段")
    backup_keep: int = Field(default=14, ge=1, le=1000, description="留最近几份备份")

    @field_validator("backup_folder")
    @classmethod
    def _expanded_folder(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else None

    @field_validator("backup_cron")
    @classmethod
    def _known_rule(cls, value: str) -> str:
        if len(value.split()) != 5 or not croniter.is_valid(value):
            raise ValueError("要写五段，例如 30 2 * * * 是每天 2:30")
        return value

    @field_validator("home")
    @classmethod
    def _expanded(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("只认 postgresql://… 或空着")
        return value

    @field_validator("ledger_key", "publish_folder")
    @classmethod
    def _expanded_text(cls, value: str) -> str:
        return str(Path(value).expanduser().absolute()) if value else ""

    @field_validator("mail_server")
    @classmethod
    def _known_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"(smtp|smtps|smtp\+tls)://([^@/:]+@)?[^@/:]+(:\d+)?", value):
            raise ValueError("要写成 smtps://用户@主机:465、smtp+tls://… 或 smtp://…，不写密码")
        return value

    @field_validator("publish_mail", "mail_from")
    @classmethod
    def _plain_addresses(cls, value: str) -> str:
        wrong = [each for each in _listed(value) if not re.fullmatch(r"[^@\s]+@[^@\s]+", each)]
        if wrong:
            raise ValueError(f"不是邮箱地址：{'、'.join(wrong)}")
        return value

    @field_validator("webhook_networks", "proxies")
    @classmethod
    def _known_networks(cls, value: str) -> str:
        for each in _listed(value):
            try:
                ipaddress.ip_network(each)
            except ValueError as error:
                raise ValueError(f"“{each}”要写成 10.1.2.0/24 这样的网段") from error
        return value

    @field_validator("address")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]+/?", value):
            raise ValueError("要写成 https://域名")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _mail_can_be_sent(self) -> "Environment":
        if self.publish_mail and not (self.mail_server and self.mail_from):
            raise ValueError("设了 PUBLISH_MAIL，还要设 MAIL_SERVER 和 MAIL_FROM")
        return self

    @property
    def publish_addresses(self) -> list[str]:
        return _listed(self.publish_mail)

    @property
    def listed_networks(self) -> list[str]:
        return _listed(self.webhook_networks)

    @property
    def listed_proxies(self) -> list[str]:
        return _listed(self.proxies)

    @property
    def allowed_hosts(self) -> list[str]:
        return _listed(self.hosts)


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


class EnvironmentFaults(SystemExit):
    """The environment cannot be used; the message lists every fault."""


def _misspelt() -> list[str]:
    known = {PREFIX + name.upper() for name in Environment.model_fields}
    return [
        f"{name}：没有这个设置，可用的有 {'、'.join(sorted(known))}"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name not in known
    ]


def read() -> Environment:
    """The settings in force.

    Raises:
        EnvironmentFaults: a value is wrong or a name is misspelt; all are listed.
    """
    faults = _misspelt()
    try:
        environment = Environment()
    except ValidationError as error:
        faults += [
            f"{PREFIX}{'_'.join(str(part) for part in fault['loc']).upper()}：{fault['msg']}"
            for fault in error.errors()
        ]
        raise EnvironmentFaults("设置有误：\n" + "\n".join(faults)) from error
    if faults:
        raise EnvironmentFaults("设置有误：\n" + "\n".join(faults))
    return environment
