from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from zhibu.files.intake import KINDS, Prepared, prepare

ACCEPT = ".pdf,.docx,.xlsx,.pptx,.jpg,.jpeg,.png,.webp"


def hint() -> str:
    most = settings.UPLOAD_LIMIT // (1024 * 1024)
    return f"{KINDS}，每个不超过 {most} MB。照片里的地点、时间会去掉。"


def _prepared(file: UploadedFile[Any]) -> Prepared:
    most = settings.UPLOAD_LIMIT
    if (file.size or 0) > most:
        raise ValidationError(
            f"{file.name} 有 {(file.size or 0) / 1024 / 1024:.0f} MB，"
            f"超过 {most // (1024 * 1024)} MB。请压缩或拆开再上传。"
        )
    try:
        return prepare(file.name or "", file.read())
    except ValidationError as error:
        raise ValidationError(f"{file.name}：{error.messages[0]}") from error


class UploadField(forms.FileField):
    """One file; the cleaned value is a ``Prepared``, ready for ``files.actions.attach``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", hint())
        options.setdefault("widget", forms.FileInput(attrs={"accept": ACCEPT}))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        return _prepared(file) if isinstance(file, UploadedFile) else file


class _ManyInput(forms.FileInput):
    allow_multiple_selected = True


class UploadsField(UploadField):
    """Any number of files; the cleaned value is a list of ``Prepared``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", _ManyInput(attrs={"accept": ACCEPT}))
        super().__init__(**options)

    def clean(self, data: Any, initial: Any = None) -> list[Prepared]:
        files = data if isinstance(data, (list, tuple)) and data else [data or None]
        found = [super(UploadsField, self).clean(each, initial) for each in files]
        return [each for each in found if isinstance(each, Prepared)]
