from django import forms

from zhibu.core.fields import no_control_characters


class FeedbackForm(forms.Form):
    text = forms.CharField(
        label="哪里不好用，想怎么改",
        max_length=2000,
        validators=[no_control_characters],
        help_text="写什么都行。请不要写涉密内容和别人的身份证号、电话。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    page = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)

    def clean_page(self) -> str:
        """Our own path; what stood in its query string may name people and is dropped."""
        return own_path(str(self.cleaned_data["page"]))


def own_path(address: str) -> str:
    """The path of a page of ours, "" for anything else."""
    path = address.partition("?")[0].partition("#")[0]
    is_own = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path[:200] if is_own and path.isprintable() else ""


class AnswerForm(forms.Form):
    text = forms.CharField(
        label="答复",
        max_length=2000,
        validators=[no_control_characters],
        help_text="提的人会收到。答复后不能改。",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
