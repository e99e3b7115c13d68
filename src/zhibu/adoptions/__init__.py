"""Which pack holds where, from when, for whom; and the page that says so.

An organisation adopts a pack for everything below it, optionally only for some 领域. The
wording in force on the day applies. Below, one may add: a duty that ``refines`` another
takes its place where both hold. Whether a pack holds for an organisation on a day is
asked of where that organisation stood on that day.
"""
