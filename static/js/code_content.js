/**
 * What a prescription's code says, as the integer-keyed claims of its CBOR. The twin of
 * prescriptions/rules/code.py; docs/prescriptions.md gives the bytes, one table for both.
 */

const KINDS = ["MEDICINE", "INN", "COMPOUND", "ORDER"];
const ORDERS = ["BIOLOGY", "IMAGING", "PHYSIOTHERAPY", "DEVICE", "OPTICS", "OTHER"];
const MOMENTS = ["morning", "noon", "evening", "bedtime"];
const INN = ["name", "strength", "unit", "form"];
const SUBSTITUTION = 4;
const OVER_MAXIMUM = 8;
const MOST_PARTS = 8;
// Nearly every EAN of the Moroccan list begins so.
const EAN_ORIGIN = 6118000000000;
const KEYS = { number: 1, inpe: 2, patient: 3, writtenOn: 4, startsOn: 5, repeats: 6, secret: 7, lines: 8 };
const REQUIRED = [1, 2, 3, 4, 8];
const A_DAY = 86_400_000;
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

// Writing

const days = (day) => Date.parse(`${day}T00:00:00Z`) / A_DAY;

const uuidBytes = (text) =>
  Uint8Array.from(text.replaceAll("-", "").match(/../g), (pair) => parseInt(pair, 16));

const without = (parts, nothing) => {
  while (parts.length && parts.at(-1) === nothing) parts.pop();
  return parts;
};

/** Whole units as they are; others as hundredths, negative. */
const units = (text) => {
  const [whole, part = ""] = text.split(".");
  const hundredths = Number(part.padEnd(2, "0"));
  return hundredths ? -(Number(whole) * 100 + hundredths) : Number(whole);
};

const dose = (said) => said && without(MOMENTS.map((moment) => units(said[moment] ?? "0")), 0);

const what = {
  MEDICINE: (line) => Number(line.ean) - EAN_ORIGIN,
  INN: (line) => INN.map((name) => line.inn[name]),
  COMPOUND: () => null,
  ORDER: (line) => [ORDERS.indexOf(line.order.kind), line.order.act],
};

const lineParts = (line) => {
  const kind = line.kind ?? "MEDICINE";
  const flags =
    KINDS.indexOf(kind) + (line.substitution ? SUBSTITUTION : 0) + (line.over_maximum ? OVER_MAXIMUM : 0);
  const rest = [dose(line.dose), line.days, line.boxes, line.illness, line.wording ?? null];
  return without([line.position, flags, what[kind](line), ...rest], null);
};

/** The claims of a signed document and of its patient {full_name, birth_date}. */
export const claimsOf = (document, patient) => {
  const { repeats } = document;
  const all = [
    [KEYS.number, document.fse_number],
    [KEYS.inpe, document.provider],
    [KEYS.patient, [uuidBytes(document.patient), patient.full_name, days(patient.birth_date)]],
    [KEYS.writtenOn, days(document.written_on)],
    [KEYS.startsOn, document.starts_on ? days(document.starts_on) : null],
    [KEYS.repeats, repeats ? [repeats.count, repeats.every_days] : null],
    [KEYS.secret, document.secret ?? null],
    [KEYS.lines, document.lines.map(lineParts)],
  ];
  return new Map(all.filter(([, value]) => value !== null));
};

// Reading: whatever is not exactly of this shape throws TypeError

const must = (condition) => {
  if (!condition) throw new TypeError("not the content of a code");
};

const whole = (value, smallest = 0) => {
  must(Number.isSafeInteger(value) && value >= smallest);
  return value;
};

const text = (value) => {
  must(typeof value === "string" && !CONTROL.test(value));
  return value;
};

const list = (value, shortest, longest) => {
  must(Array.isArray(value) && value.length >= shortest && value.length <= longest);
  return value;
};

const orNull = (value, reading) => (value === null || value === undefined ? null : reading(value));

const day = (value) => {
  const read = new Date(whole(value, -100000) * A_DAY);
  must(value < 1_000_000);
  return read.toISOString().slice(0, 10);
};

const uuid = (bytes) => {
  must(bytes instanceof Uint8Array && bytes.length === 16);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const unitsText = (value) => {
  if (value >= 0) return String(value);
  const part = String(-value % 100).padStart(2, "0").replace(/0+$/, "");
  return `${Math.floor(-value / 100)}.${part}`;
};

const readDose = (value) =>
  Object.fromEntries(
    MOMENTS.map((moment, index) => [moment, unitsText(whole(list(value, 0, 4)[index] ?? 0, -10000))]),
  );

const readOrder = (value) => {
  const [kind, act] = list(value, 2, 2);
  must(whole(kind) < ORDERS.length);
  return { kind: ORDERS[kind], act: orNull(act, text) };
};

const readInn = (value) =>
  Object.fromEntries(INN.map((name, index) => [name, text(list(value, 4, 4)[index])]));

const readLine = (parts) => {
  const [position, flags, said, taken, lasting, boxes, illness, wording] = list(parts, 2, MOST_PARTS);
  must(whole(flags) < 2 * OVER_MAXIMUM);
  const kind = KINDS[flags % SUBSTITUTION];
  must(kind !== "COMPOUND" || said === null || said === undefined);
  return {
    position: whole(position),
    kind,
    ean: kind === "MEDICINE" ? String(whole(said, -EAN_ORIGIN) + EAN_ORIGIN).padStart(13, "0") : null,
    inn: kind === "INN" ? readInn(said) : null,
    order: kind === "ORDER" ? readOrder(said) : null,
    wording: orNull(wording, text),
    dose: orNull(taken, readDose),
    days: orNull(lasting, whole),
    boxes: orNull(boxes, whole),
    substitution: Boolean(flags & SUBSTITUTION),
    illness: orNull(illness, text),
    over_maximum: Boolean(flags & OVER_MAXIMUM),
  };
};

const readRepeats = (value) => {
  const [count, everyDays] = list(value, 2, 2);
  return { count: whole(count), every_days: whole(everyDays) };
};

/** The content of checked claims: the document's keys that a paper shows, and its patient. Throws TypeError. */
export const contentOf = (claims) => {
  must(claims instanceof Map && REQUIRED.every((key) => claims.has(key)));
  must([...claims.keys()].every((key) => whole(key, 1) <= KEYS.lines));
  const [patient, name, born] = list(claims.get(KEYS.patient), 3, 3);
  return {
    fse_number: text(claims.get(KEYS.number)),
    provider: text(claims.get(KEYS.inpe)),
    patient: uuid(patient),
    written_on: day(claims.get(KEYS.writtenOn)),
    starts_on: orNull(claims.get(KEYS.startsOn), day),
    repeats: orNull(claims.get(KEYS.repeats), readRepeats),
    secret: orNull(claims.get(KEYS.secret), text),
    lines: list(claims.get(KEYS.lines), 0, Infinity).map(readLine),
    person: { id: uuid(patient), full_name: text(name), birth_date: day(born) },
  };
};
