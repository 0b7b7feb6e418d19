"""The tables of the warehouse, in SQL that DuckDB and PostgreSQL both read.

Canonical tables hold what was told, under pseudonyms; money in centimes, days DATE, instants
TIMESTAMPTZ, every identifier TEXT. Derived tables are computed from them and can always be built again.
"""

from fraud.gateways.derived import COUNTERS

CANONICAL: dict[str, str] = {
    "providers": """
        inpe TEXT NOT NULL, kind TEXT, speciality TEXT, sector TEXT, region TEXT,
        latitude DOUBLE PRECISION, longitude DOUBLE PRECISION,
        agreed_from DATE, agreed_until DATE, practice TEXT, bank_account TEXT""",
    "members": """
        member TEXT NOT NULL, family TEXT, sex TEXT, birth_date DATE, death_date DATE, region TEXT,
        latitude DOUBLE PRECISION, longitude DOUBLE PRECISION, scheme TEXT,
        rights_from DATE, rights_until DATE, illnesses TEXT, bank_account TEXT""",
    "prescriptions": """
        prescription TEXT NOT NULL, prescriber TEXT, member TEXT, signed_at TIMESTAMPTZ,
        valid_until DATE""",
    "prescription_lines": """
        prescription TEXT NOT NULL, line TEXT, code TEXT, quantity INTEGER, days INTEGER,
        repeats INTEGER""",
    "claims": """
        claim TEXT NOT NULL, fse_number TEXT, provider TEXT, member TEXT,
        submitted_at TIMESTAMPTZ, prescription TEXT, device TEXT""",
    "claim_lines": """
        claim TEXT NOT NULL, line TEXT, kind TEXT, code TEXT, letter TEXT, coefficient DECIMAL(10, 2),
        quantity INTEGER, charged BIGINT, care_date DATE, started_at TIMESTAMPTZ, days INTEGER,
        prescription_line TEXT""",
    "stays": "provider TEXT NOT NULL, member TEXT, admitted DATE, discharged DATE",
}
# The product's own lists. A rule that needs one of them sees nothing while it is empty.
REFERENCE: dict[str, str] = {
    "acts": "code TEXT NOT NULL, letter TEXT, minutes INTEGER, twice_a_day BOOLEAN, most_a_day INTEGER",
    "letters": "letter TEXT NOT NULL, minutes INTEGER, exclusive BOOLEAN",
    "medicines": """
        ean TEXT NOT NULL, inn TEXT, atc TEXT, price BIGINT, controlled BOOLEAN""",
}
KEYS: dict[str, str] = {
    "providers": "inpe",
    "members": "member",
    "prescriptions": "prescription",
    "prescription_lines": "prescription",
    "claims": "claim",
    "claim_lines": "claim",
    "stays": "member",
    "acts": "code",
    "letters": "letter",
    "medicines": "ean",
}

CARE = """
    claim TEXT, line TEXT, fse_number TEXT, provider TEXT, member TEXT, prescription TEXT,
    device TEXT, submitted_at TIMESTAMPTZ, submitted_day DATE,
    kind TEXT, code TEXT, quantity INTEGER,
    charged BIGINT, care_date DATE, care_no INTEGER, month DATE, started_at TIMESTAMPTZ, days INTEGER,
    prescription_line TEXT, inn TEXT, known BOOLEAN, controlled BOOLEAN, minutes INTEGER,
    twice_a_day BOOLEAN, provider_kind TEXT, practice TEXT, latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION, prescriber TEXT"""
# One line of care with what the rules need to know of it. `care_no` counts days; minutes are the
# whole line's; `known` tells that the medicine is in the product's list.
CARE_SELECT = """
    SELECT c.claim, l.line, c.fse_number, c.provider, c.member, c.prescription, c.device,
           c.submitted_at, CAST(c.submitted_at AS DATE), l.kind, l.code, l.quantity,
           l.charged, l.care_date,
           CAST(l.care_date - DATE '2000-01-01' AS INTEGER),
           CAST(date_trunc('month', l.care_date) AS DATE), l.started_at, l.days,
           l.prescription_line, coalesce(nullif(upper(trim(m.inn)), ''), l.code),
           m.ean IS NOT NULL, coalesce(m.controlled, false),
           coalesce(a.minutes, k.minutes, 0) * l.quantity, coalesce(a.twice_a_day, false),
           p.kind, coalesce(nullif(p.practice, ''), c.provider), p.latitude, p.longitude,
           r.prescriber
    FROM claims c
    JOIN claim_lines l ON l.claim = c.claim
    LEFT JOIN providers p ON p.inpe = c.provider
    LEFT JOIN prescriptions r ON r.prescription = c.prescription
    LEFT JOIN medicines m ON l.kind = 'MEDICINE' AND m.ean = l.code
    LEFT JOIN acts a ON l.kind = 'ACT' AND a.code = l.code
    LEFT JOIN letters k ON l.kind = 'ACT' AND k.letter = l.letter"""

ALARMS = """
    rule TEXT, provider TEXT, member TEXT, other TEXT, claim TEXT, line TEXT, day DATE,
    strength INTEGER, observed DOUBLE PRECISION, threshold DOUBLE PRECISION, peers INTEGER,
    evidence TEXT, subject TEXT PRIMARY KEY"""


DERIVED: dict[str, str] = {
    "care": CARE,
    "alarms": ALARMS,
    "fresh": "claim TEXT",
    **{name: columns for name, (columns, _select) in COUNTERS.items()},
}


def created(every: dict[str, str]) -> str:
    """The statements that create tables where they are missing."""
    return ";\n".join(
        f"CREATE TABLE IF NOT EXISTS {name} ({columns})" for name, columns in every.items()
    )


TABLES = created(CANONICAL)
