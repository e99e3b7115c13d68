from django.urls import path

from zhibu.insight.views import counted, exempting, owed, pool, reports, whole

app_name = "insight"
urlpatterns = [
    path("", counted.table, name="table"),
    path("count/", counted.count, name="count"),
    path("chart.svg", counted.chart, name="chart"),
    path("rows/", counted.rows, name="rows"),
    path("fields/", counted.fields, name="fields"),
    path("fields/chart.svg", counted.fields_chart, name="fields_chart"),
    path("checks/", counted.checks, name="checks"),
    path("whole/", whole.recount, name="whole"),
    path("pool/", pool.pool_page, name="pool"),
    path("pool/<int:organization>/plan/", pool.plan, name="plan"),
    path("measures/", counted.measure_list, name="measures"),
    path("measures/<str:name>/", counted.measure_detail, name="measure"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/freeze/", reports.freeze, name="freeze"),
    path("reports/<int:pk>/", reports.detail, name="report"),
    path("reports/<int:pk>/chart.svg", reports.chart, name="report_chart"),
    path("obligations/<int:pk>/", owed.obligation, name="obligation"),
    path("column/", owed.column, name="column"),
    path("column/exempt/", exempting.exempt_many, name="exempt_many"),
]
