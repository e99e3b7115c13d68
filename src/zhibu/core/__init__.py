"""What every area needs, knowing none of them.

Owns verdicts, dates, the registries through which upper areas join packs
(predicates, effects, measures, disclosures, standing), typed fields, quorums,
encryption and background jobs. Owns no subject matter.
"""
