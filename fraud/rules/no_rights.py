"""NO_RIGHTS: soin hors des droits du bénéficiaire, ou par un professionnel hors convention.

Voit : un jour de soin avant l'ouverture ou après la fin des droits, avant ou après la convention.
Formule : comparaison de jours ; le dernier jour écrit compte encore, une borne vide est ouverte.
Seuil : un fait. Source : catalogue des contrôles, règle 9. Le moteur de décision refuse déjà ces lignes :
la règle retrouve celles dont le registre a été corrigé après la décision.
Ne fait jamais : juger une personne ou un professionnel absents du registre.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="NO_RIGHTS",
    family=Family.RIGHTS,
    kind=Kind.FACT,
    action=Action.REFUSE,
    level=Level.CLAIM,
    inputs=(
        "members.rights_from",
        "members.rights_until",
        "providers.agreed_from",
        "providers.agreed_until",
    ),
)

SQL = """
SELECT c.provider, c.member, CAST(NULL AS TEXT) AS other, c.claim, c.line, c.submitted_day AS day,
       1.0 AS strength, 1 AS observed, 0 AS threshold, CAST(NULL AS INTEGER) AS peers,
       '{"code":"' || c.code || '","care_date":"' || c.care_date || '","rights":'
       || CASE WHEN c.care_date < m.rights_from OR c.care_date > m.rights_until THEN 0 ELSE 1 END
       || '}' AS evidence
FROM care c
LEFT JOIN members m ON m.member = c.member
LEFT JOIN providers p ON p.inpe = c.provider
WHERE c.submitted_day BETWEEN $since AND $until
  AND (c.care_date < m.rights_from OR c.care_date > m.rights_until
       OR c.care_date < p.agreed_from OR c.care_date > p.agreed_until)
"""
