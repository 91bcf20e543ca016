"""Mutants that no test can detect: {(module, original line, changed line): reason}."""

NARROWS = "it only spares work: what is found too much is joined with nothing"
POSTGRES = "it speaks of PostgreSQL alone; the mutants meet SQLite"

SQL = "relations/duties/sql.py"
HAS_RULE = "AND EXISTS (SELECT 1 FROM rule r WHERE r.kind = s.kind AND r.period = p.kind AND r.p_start = p.starts_on)"
NTH = "JOIN rule o ON o.id = m.rule_id AND o.p_start = m.p_start AND o.times > 1 AND m.times_met >= o.times"

EQUIVALENT = {
    ("relations/duties/settlement.py", "lock_duties(cursor, stakeholders)", "pass"): POSTGRES,
    (
        SQL,
        "WHEN s.closed_on < p.starts_on THEN 0",
        "WHEN s.closed_on <= p.starts_on THEN 0",
    ): "closed on the first day, the difference of days is 0 as well",
    (SQL, f"{HAS_RULE} ⏎ ),", "AND 1 = 1 ),"): NARROWS,
    (SQL, HAS_RULE, HAS_RULE.replace("r.kind = s.kind AND", "r.kind = s.kind OR")): NARROWS,
    (SQL, HAS_RULE, HAS_RULE.replace("r.period = p.kind AND", "r.period = p.kind OR")): NARROWS,
    (SQL, HAS_RULE, HAS_RULE.replace("r.period = p.kind", "1 = 1")): NARROWS,
    (SQL, HAS_RULE, HAS_RULE.replace("r.p_start = p.starts_on", "1 = 1 ")): NARROWS,
    (SQL, NTH, NTH.replace("o.times > 1", "1 = 1")): NARROWS,
    (SQL, NTH, NTH.replace("o.times > 1", "o.times >= 1")): NARROWS,
    (
        SQL,
        f"{NTH} ⏎ JOIN relations_interaction i",
        f"{NTH.replace('m.times_met >= o.times', '1 = 1')} JOIN relations_interaction i",
    ): NARROWS,
    (
        SQL,
        "LEFT JOIN lead director ON director.tier = 'director'",
        "JOIN lead director ON director.tier = 'director'",
    ): "every tier has its row in `lead`, with nobody in it at the worst",
}
