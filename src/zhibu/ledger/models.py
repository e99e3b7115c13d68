import uuid
from typing import Any

from django.db import models

from zhibu.core.encryption import new_salt
from zhibu.ledger import merkle

FORMAT = 1


class Protected(models.Model):
    """Base of every record whose content the ledger vouches for."""

    salt = models.BinaryField(max_length=16, default=new_salt, editable=False)

    class Meta:
        abstract = True


class Entry(models.Model):
    """One thing done. Never updated, never deleted: the database refuses both."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    kind = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=40)
    organization_id = models.BigIntegerField(null=True)
    by_id = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=60, default="", blank=True)
    at = models.DateTimeField()
    occurred = models.DateField(null=True)
    basis = models.CharField(max_length=200, default="", blank=True)
    digests_count = models.PositiveIntegerField()
    digests_root = models.BinaryField(max_length=32)
    format = models.PositiveSmallIntegerField(default=FORMAT)
    algorithm = models.CharField(max_length=12)
    leaf = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["organization_id", "-id"], name="ledger_entry_org"),
            models.Index(fields=["subject_type", "subject_id"], name="ledger_entry_subject"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind} {self.subject_type}:{self.subject_id}"

    def as_dict(self) -> dict[str, Any]:
        """What the leaf is made of, in its order."""
        return {
            "format": self.format,
            "algorithm": self.algorithm,
            "key": self.key.hex,
            "kind": self.kind,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "organization": self.organization_id,
            "by": self.by_id,
            "origin": self.origin,
            "at": self.at,
            "occurred": self.occurred,
            "basis": self.basis,
            "digests_count": self.digests_count,
            "digests_root": bytes(self.digests_root),
        }

    def computed_leaf(self) -> bytes:
        """The leaf that this row's own columns give."""
        return merkle.leaf(list(self.as_dict().values()), self.algorithm)


class Digest(models.Model):
    """Digest of one record as an entry left it; empty where the record was removed.

    Tied to its entry by key and not by foreign key: a long import writes digests in
    chunks before its one entry says that it happened.
    """

    entry_key = models.UUIDField()
    number = models.PositiveIntegerField()
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry_key", "number"], name="ledger_digest_number"),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="ledger_digest_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id}"

    def leaf(self, algorithm: str) -> bytes:
        return merkle.leaf([self.subject_type, self.subject_id, bytes(self.digest)], algorithm)


class Head(models.Model):
    """The tree after one sealing. Chained to the head before; never changed."""

    number = models.PositiveBigIntegerField(primary_key=True)
    size = models.PositiveBigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    peaks = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    format = models.PositiveSmallIntegerField(default=FORMAT)
    algorithm = models.CharField(max_length=12)
    key_id = models.CharField(max_length=40, default="", blank=True)
    signature = models.BinaryField(default=b"")
    digest = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"head {self.number}, {self.size} entries"

    def computed_digest(self) -> bytes:
        """The digest that this row's own columns give."""
        return merkle.head(
            [
                self.format,
                self.algorithm,
                self.key_id,
                self.number,
                self.size,
                bytes(self.root),
                bytes(self.previous),
                self.at,
            ],
            self.algorithm,
        )

    def as_dict(self) -> dict[str, Any]:
        """The head as it is sent out; whoever has it can compute the digest and check the
        signature."""
        return {
            "format": self.format,
            "algorithm": self.algorithm,
            "key_id": self.key_id,
            "number": self.number,
            "size": self.size,
            "root": bytes(self.root).hex(),
            "previous": bytes(self.previous).hex(),
            "at": merkle.moment(self.at),
            "digest": bytes(self.digest).hex(),
            "signature": bytes(self.signature).hex(),
        }

    def peak_list(self) -> list[bytes]:
        raw = bytes(self.peaks)
        width = len(bytes(self.root))
        return [raw[i : i + width] for i in range(0, len(raw), width)]


class Sealed(models.Model):
    """Which leaf of the tree an entry is. A row of its own, so entries stay untouched.

    ``mark`` proves nothing, the heads do that; it tells which row was touched where a head
    no longer fits what it sealed.
    """

    position = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="sealed")
    head = models.ForeignKey(Head, models.PROTECT, related_name="+")
    mark = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return f"{self.position}: {self.entry_id}"

    def computed_mark(self, leaf: bytes, algorithm: str) -> bytes:
        """The mark of an entry with this leaf at this place."""
        return merkle.mark([self.position, self.head_id, leaf], algorithm)


class Node(models.Model):
    """A closed node of the tree over ``2 ** level`` leaves, so that a proof of one record
    need not hash all the others. Derived: ``verify`` holds it against the leaves."""

    level = models.PositiveSmallIntegerField()
    place = models.PositiveBigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "place"], name="ledger_node_place"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.place}"


class Way(models.TextChoices):
    FILE = "file", "写到目录"
    MAIL = "mail", "发邮件"


class Publication(models.Model):
    """A head sent to a place outside: asked for once, tried until it is done.

    At least once: where the machine stops between sending and noting it, it is sent again.
    """

    head = models.ForeignKey(Head, models.PROTECT, related_name="publications")
    way = models.CharField(max_length=8, choices=Way.choices)
    place = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["head", "way", "place"], name="ledger_published_once"),
        ]

    def __str__(self) -> str:
        return f"head {self.head_id} to {self.place}"
