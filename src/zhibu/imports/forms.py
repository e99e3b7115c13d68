from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from zhibu.imports import reading
from zhibu.imports.reading import UnreadableFile
from zhibu.imports.targets import Ground

EVERYTHING, CLEAN = "everything", "clean"


class WorkbookForm(forms.Form):
    """A form with a ``file`` that is read as a workbook: one too large is refused at once."""

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            reading.refuse_size(file.size or 0, settings.UPLOAD_LIMIT)
        except UnreadableFile as error:
            raise ValidationError(error.message) from error
        return file


class UploadForm(WorkbookForm):
    """A roster, and where it hangs for somebody who may import in several places."""

    under = forms.ChoiceField(label="导入到", help_text="没有写上级的组织，放在它下面。")
    file = forms.FileField(
        label="文件",
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv"}),
    )

    def __init__(self, grounds: Sequence[Ground], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grounds = {str(ground.organization_id or ""): ground for ground in grounds}
        under: Any = self.fields["under"]
        under.choices = [(key, each.name or "最上级") for key, each in self.grounds.items()]
        if len(self.grounds) == 1:
            del self.fields["under"]
        most = settings.UPLOAD_LIMIT // 1024 // 1024
        self.fields["file"].help_text = (
            f".xlsx 或 .csv，不超过 {most} MB。组织和党员可以在一个文件里；"
            "往年的活动要等组织和党员导入以后。"
        )

    @property
    def ground(self) -> Ground:
        """Where the roster hangs, once the form is valid."""
        if len(self.grounds) == 1:
            return next(iter(self.grounds.values()))
        return self.grounds[self.cleaned_data["under"]]


class DoorForm(forms.Form):
    """One of the two doors: everything, or the clean rows now."""

    door = forms.ChoiceField(choices=[(EVERYTHING, "全部导入"), (CLEAN, "先导入没有错的")])
