from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from zhibu.core import searching
from zhibu.core.effects import Unfit
from zhibu.core.forms import day, line
from zhibu.core.verdicts import Refused
from zhibu.money import chart
from zhibu.money.queries import STATES

MOST = Decimal("99999999999.99")


def amount(label: str, *, hint: str, places: int = 2) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(1).scaleb(-places), max_value=MOST, max_digits=14,
        decimal_places=places, help_text=hint,
    )  # fmt: skip


class ListFilter(forms.Form):
    """What the list of books is narrowed by; a wrong one counts as not given."""

    is_filter = True
    organization = forms.IntegerField(required=False, widget=forms.HiddenInput())
    q = line("账名", longest=searching.LONGEST, required=False)
    state = forms.ChoiceField(label="状态", required=False, choices=list(STATES.items()))


class MoneyForm(forms.Form):
    """Faults of the kernel come back to the field they are about."""

    def attempt(self, action: Callable[..., object], **more: Any) -> bool:
        """Run ``action`` on the cleaned values; False where it is refused: the form says why."""
        try:
            action(**self.cleaned_data, **more)
        except Unfit as unfit:
            for name, text in unfit.faults.items():
                self.add_error(name if name in self.fields else None, text)
            return False
        except Refused as refusal:
            self.add_error(None, refusal.verdict.reason)
            return False
        return True


PAPER = "写收据、发票、凭证上的号，以后查得到。"


class ReceiveForm(MoneyForm):
    source = forms.ChoiceField(label="哪里来的钱", help_text="从谁那里、以什么名义收的。")
    amount = amount("金额（元）", hint="最多两位小数。")
    occurred = day("哪天收的", hint="钱到的那天。")
    party = line("谁给的", longest=60, required=False, hint="单位或个人的名字。")
    paper = line("票据号", longest=60, required=False, hint=PAPER)
    memo = line("说明", longest=200, required=False, hint="一句话，别人看得懂。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Sequence[tuple[str, str]] = [(one.code, one.name) for one in chart.sources()]
        field: Any = self.fields["source"]
        field.choices = [("", "请选择"), *choices]


class PledgeForm(MoneyForm):
    party = line("谁认捐", longest=60, hint="姓名；同名的写清哪一户，一年的限额按这个名字算。")
    amount = amount("金额（元）", hint="自己愿意给多少。")
    heads = forms.IntegerField(
        label="替几个人", min_value=1, max_value=30, initial=1,
        help_text="一户一起认捐的写几口人；每人一年的限额按人数算。",
    )  # fmt: skip
    occurred = day("哪天认捐", hint="说定的那天。")
    apportioned = forms.BooleanField(
        label="是按人、按户平均分摊的",
        required=False,
        help_text="分摊的不是自愿，不能记成认捐。",
    )
    memo = line("说明", longest=200, required=False, hint="一句话，别人看得懂。")


class WorkForm(MoneyForm):
    """Labour given; other work is measured in the step of its procedure."""

    worker = line("谁出的工", longest=60, hint="姓名；同名的写清哪一组，一年的限额按这个名字算。")
    amount = amount("几个工日", hint="半天写 0.5。", places=3)
    occurred = day("哪天出的工", hint="干活的那天。")
    paper = line("记工单号", longest=60, required=False, hint=PAPER)
    memo = line("干的什么", longest=200, required=False, hint="一句话，别人看得懂。")


class ReverseForm(MoneyForm):
    occurred = day("哪天冲正", hint="一般是今天；已经结账的日子不能写。")
    memo = line("为什么冲正", longest=200, hint="写清错在哪里，账上一直看得到。")


class SettleForm(MoneyForm):
    through = day("结到哪天", hint="那天和以前的账不能再记、再冲正，写月末、季末。")


class ClaimForm(MoneyForm):
    item = line("补什么", longest=40, hint="例如 征地补偿；同一样补偿一个人只能有一笔。")
    name = line("姓名", longest=60, hint="领钱的人。")
    household = line("哪一组、哪一户", longest=60, required=False, hint="同名的分得清。")
    number = line("身份证号", longest=24, required=False, hint="加密存，只用来查重；和账号填一个。")
    account = line("银行账号", longest=40, required=False, hint="加密存，只用来查重和发放。")
    amount = amount("金额（元）", hint="最多两位小数。")
    measure = line("按什么算", longest=100, required=False, hint="例如 征地 1.06 亩。")


class WithdrawForm(MoneyForm):
    reason = line("为什么撤下", longest=200, hint="例如 重复登记、金额写错；公示的清单上看得到。")
