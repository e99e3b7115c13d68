"""Who keeps in touch with whom, and who is on duty in turn: 结对.

A **link** 联系 pairs a person or organisation with a person, an organisation or a row of a register
over ``[since, until)``; its **contacts** say on which day, how, what was needed. A **rota** 轮值
deals **turns** to the people on its roll; they are changed by hand, offered, taken and exchanged.
See ADR 0019.

Not here: votes and bookings of rooms, meetings (``activities``), what is done about a need
(``cases``), who chairs a joint body in turn (``organizations``).
"""
