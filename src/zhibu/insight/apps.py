"""Figures: what is done and owed, by organisation, duty and period, down to the rows."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "zhibu.insight"
    label = "insight"

    def ready(self) -> None:
        from zhibu.core import navigation, standing
        from zhibu.insight import actions, models, papers, tasks  # noqa: F401
        from zhibu.ledger import kinds, printed, protection

        protection.protect(
            models.Report,
            fields=(
                "organization_id",
                "title",
                "question",
                "explanation",
                "unit",
                "true_on",
                "known_on",
                "headings",
                "workbook_digest",
                "chart_digest",
                "chart_says",
                "frozen_by_id",
                "frozen_at",
            ),
            parts=(
                protection.Part(
                    "rows",
                    models.ReportRow,
                    "report_id",
                    ("number", "heading", "is_sum", "cells"),
                ),
            ),
        )
        protection.protect(
            models.AdmissionPlan,
            fields=("organization_id", "year", "planned", "set_by_id", "set_at"),
        )
        printed.printable(models.Report._meta.label_lower, papers.printed_as)
        kinds.words(actions.WORDS)
        navigation.register(
            navigation.Entry(
                title="统计",
                url_name="insight:table",
                icon="chart",
                order=60,
                section=1,
                shown=lambda user: standing.may_anywhere(user, "insight.view"),
                bar=60,
                words="报表 数字 人数 汇总",
            )
        )
        for title, url_name, words in (
            ("发展党员的队伍和计划", "insight:pool", "积极分子 申请人 发展对象 计划"),
            ("报表：冻结过的", "insight:reports", "冻结 上报 年报"),
            ("指标是怎么算的", "insight:measures", "口径 分子 分母"),
            ("核对总数", "insight:checks", "对账 合计"),
        ):
            navigation.also(
                navigation.Way(
                    title,
                    url_name,
                    lambda user: standing.may_anywhere(user, "insight.view"),
                    words,
                )
            )
