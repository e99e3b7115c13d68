"""A line moves money within one book: the database refuses one between two, on both engines.

That entries, lines and quantities are written once is kept by the guard of the ledger.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

ONCE = ("money_entry", "money_line", "money_quantity")
NAME = "money_line_of_one_book"
_OTHER_BOOK = (
    "exists (select 1 from money_account a join money_entry e on e.id = new.entry_id"
    " where a.id in (new.debit_id, new.credit_id) and a.book_id <> e.book_id)"
)


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"create or replace function {NAME}() returns trigger language plpgsql as"
                f" $$ begin if {_OTHER_BOOK} then"
                " raise exception 'money_line: two books'; end if; return new; end $$"
            )
            cursor.execute(
                f"create trigger {NAME} before insert on money_line"
                f" for each row execute function {NAME}()"
            )
        else:
            cursor.execute(
                f"create trigger {NAME} before insert on money_line when {_OTHER_BOOK}"
                " begin select raise(abort, 'money_line: two books'); end"
            )


def remove(connection: BaseDatabaseWrapper) -> None:
    where = " on money_line" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"drop trigger if exists {NAME}{where}")
