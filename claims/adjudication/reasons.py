"""Why a line is denied or pays less: a closed list, each reason explained in two languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Codes of docs/adjudication.md, in the order of the steps that give them."""

    FILED_LATE = "FILED_LATE"
    RIGHTS_CLOSED = "RIGHTS_CLOSED"
    DEPENDANT_TOO_OLD = "DEPENDANT_TOO_OLD"
    PROVIDER_NOT_AGREED = "PROVIDER_NOT_AGREED"
    NOT_COVERED = "NOT_COVERED"
    NO_TARIFF = "NO_TARIFF"
    SECOND_ACT_HALVED = "SECOND_ACT_HALVED"
    FURTHER_ACT_NOT_BILLED = "FURTHER_ACT_NOT_BILLED"
    PRIOR_APPROVAL_MISSING = "PRIOR_APPROVAL_MISSING"
    FREQUENCY_EXCEEDED = "FREQUENCY_EXCEEDED"
    GENERIC_BASE = "GENERIC_BASE"
    PRICE_CAPPED = "PRICE_CAPPED"
    CEILING_REACHED = "CEILING_REACHED"


class Severity(StrEnum):
    """What a reason does."""

    BLOCKS_SHEET = "BLOCKS_SHEET"
    BLOCKS_LINE = "BLOCKS_LINE"
    REDUCES = "REDUCES"
    INFORMS = "INFORMS"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Severity, the parameter of the law the reason rests on, and a sentence in each language.

    ``reference_key`` is the parameter, or the family where the line decides which one (``ages``,
    ``key_letters``). Names in braces are filled from the step (``wording.render_step``).
    """

    severity: Severity
    reference_key: str
    title_fr: str
    title_ar: str
    french: str
    arabic: str


EXPLANATIONS: Mapping[Reason, Explanation] = {
    Reason.FILED_LATE: Explanation(
        Severity.BLOCKS_SHEET,
        "delays",
        "Dossier déposé hors délai",
        "الملف مودع خارج الأجل",
        "Le dossier a été reçu le {received_date}, après le dernier jour de dépôt, le"
        " {limit_date} : aucune ligne n'est remboursée.",
        "تم استلام الملف يوم {received_date}، بعد آخر يوم للإيداع وهو {limit_date}:"
        " لا يعوض أي سطر منه.",
    ),
    Reason.RIGHTS_CLOSED: Explanation(
        Severity.BLOCKS_LINE,
        "principles.rights",
        "Droits fermés",
        "الحقوق مغلقة",
        "Les droits n'étaient pas ouverts le {care_date}, jour du soin.",
        "لم تكن الحقوق مفتوحة يوم {care_date}، وهو يوم العلاج.",
    ),
    Reason.DEPENDANT_TOO_OLD: Explanation(
        Severity.BLOCKS_LINE,
        "ages",
        "Âge limite de l'enfant atteint",
        "بلوغ السن الأقصى للأبناء",
        "L'enfant avait atteint {limit_years} ans le {care_date} : il n'est plus couvert comme"
        " ayant droit.",
        "أتم الابن {limit_years} سنة قبل أو يوم {care_date}: لم يعد مشمولا بالتغطية بصفته من ذوي"
        " الحقوق.",
    ),
    Reason.PROVIDER_NOT_AGREED: Explanation(
        Severity.BLOCKS_LINE,
        "principles.provider_agreement",
        "Professionnel non conventionné",
        "مقدم العلاج غير متعاقد",
        "Le professionnel qui a exécuté le soin n'était pas conventionné le {care_date}.",
        "لم يكن مقدم العلاج متعاقدا يوم {care_date}.",
    ),
    Reason.NOT_COVERED: Explanation(
        Severity.BLOCKS_LINE,
        "principles.cover",
        "Non remboursable",
        "غير قابل للتعويض",
        "Ce soin ou ce médicament ne figure pas parmi ceux que l'assurance rembourse.",
        "هذا العلاج أو الدواء غير مدرج ضمن ما يعوضه التأمين.",
    ),
    Reason.NO_TARIFF: Explanation(
        Severity.BLOCKS_LINE,
        "key_letters",
        "Pas de tarif connu",
        "لا توجد تعريفة معروفة",
        "Aucune valeur de la lettre clé {letter} n'est connue dans ce secteur le {care_date} : un"
        " agent examine le dossier.",
        "لا توجد قيمة معروفة للحرف المفتاح {letter} في هذا القطاع يوم {care_date}: سيدرس أحد"
        " الأعوان الملف.",
    ),
    Reason.SECOND_ACT_HALVED: Explanation(
        Severity.REDUCES,
        "accumulation.factors",
        "Deuxième acte réduit",
        "تخفيض تعريفة العمل الثاني",
        "Deuxième acte du même professionnel le même jour : son tarif, {before_centimes} DH, est"
        " retenu à {factor_bp}, soit {after_centimes} DH.",
        "عمل ثان لنفس مقدم العلاج في نفس اليوم: تعريفته {before_centimes} درهم تحتسب بنسبة"
        " {factor_bp}، أي {after_centimes} درهم.",
    ),
    Reason.FURTHER_ACT_NOT_BILLED: Explanation(
        Severity.BLOCKS_LINE,
        "accumulation.factors",
        "Acte supplémentaire non retenu",
        "عمل إضافي غير محتسب",
        "Acte de rang {rank} du même professionnel le même jour : seuls les deux premiers sont"
        " retenus.",
        "عمل رتبته {rank} لنفس مقدم العلاج في نفس اليوم: يحتسب العملان الأولان فقط.",
    ),
    Reason.PRIOR_APPROVAL_MISSING: Explanation(
        Severity.BLOCKS_LINE,
        "principles.prior_approval",
        "Entente préalable manquante",
        "غياب الموافقة المسبقة",
        "Cet acte demande une entente préalable ; aucune, valable le {care_date}, n'en couvre"
        " encore la quantité ({quantity}).",
        "يتطلب هذا العمل موافقة مسبقة؛ ولا توجد موافقة صالحة يوم {care_date} تغطي الكمية"
        " ({quantity}).",
    ),
    Reason.FREQUENCY_EXCEEDED: Explanation(
        Severity.BLOCKS_LINE,
        "frequencies",
        "Périodicité dépassée",
        "تجاوز الدورية المسموح بها",
        "Déjà utilisé {earlier} fois dans les {period_months} mois qui finissent le {care_date} ;"
        " la limite est de {limit}.",
        "سبق الاستعمال {earlier} مرة خلال {period_months} شهرا المنتهية يوم {care_date}؛ والحد"
        " الأقصى هو {limit}.",
    ),
    Reason.GENERIC_BASE: Explanation(
        Severity.INFORMS,
        "principles.medicine_base",
        "Remboursé sur la base du générique",
        "التعويض على أساس الدواء الجنيس",
        "Prix payé {before_centimes} DH ; le remboursement se calcule sur le prix du générique le"
        " plus proche, {after_centimes} DH.",
        "الثمن المؤدى {before_centimes} درهم؛ يحتسب التعويض على أساس ثمن أقرب دواء جنيس،"
        " {after_centimes} درهم.",
    ),
    Reason.PRICE_CAPPED: Explanation(
        Severity.INFORMS,
        "principles.amount",
        "Prix au-dessus du tarif",
        "الثمن أعلى من التعريفة",
        "Prix payé {before_centimes} DH ; le remboursement se calcule sur le tarif de référence,"
        " {after_centimes} DH.",
        "الثمن المؤدى {before_centimes} درهم؛ يحتسب التعويض على أساس التعريفة المرجعية،"
        " {after_centimes} درهم.",
    ),
    Reason.CEILING_REACHED: Explanation(
        Severity.REDUCES,
        "ceilings",
        "Plafond atteint",
        "بلوغ السقف",
        "Plafond de {ceiling_centimes} DH par {period_months} mois : il restait {left_centimes} DH,"
        " le remboursement passe de {before_centimes} à {after_centimes} DH.",
        "سقف {ceiling_centimes} درهم عن كل {period_months} شهرا: المتبقي {left_centimes} درهم،"
        " فانتقل التعويض من {before_centimes} إلى {after_centimes} درهم.",
    ),
}
