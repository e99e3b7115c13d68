"""What may be read and done, a module for each thing; the order is that of the documentation."""

from zhibu.api.endpoints import (
    activities,
    adoptions,
    burden,
    campaigns,
    cases,
    duties,
    figures,
    handovers,
    me,
    money,
    notices,
    organizations,
    pairings,
    people,
    publications,
    registers,
    tasks,
)
from zhibu.api.sections import Section

SECTIONS: tuple[Section, ...] = (
    me.section,
    organizations.section,
    people.section,
    handovers.section,
    activities.section,
    duties.section,
    tasks.section,
    cases.section,
    registers.section,
    burden.section,
    pairings.section,
    campaigns.section,
    money.section,
    publications.section,
    adoptions.section,
    figures.section,
    notices.section,
)
