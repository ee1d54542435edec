// Three states of one thing - as I began, as it is now, as I want it - compared field by field.

export interface Difference {
  label: string;
  was: string;
  theirs: string;
  mine: string;
  /** Who changed it; of `both`, only one can stay. */
  by: "them" | "me" | "both";
}

type Fields = Record<string, unknown>;
export type Labels = Readonly<Record<string, string>>;
export type Words = (value: unknown, path: string) => string;

/**
 * What differs, in the order of `labels`, which name paths (`source.command`); paths without a label are not shown.
 * A list of things with a name, such as variables, is compared by name.
 */
export function differences(began: object, there: object, mine: object, labels: Labels, words: Words = plainWords): Difference[] {
  return Object.entries(labels).flatMap(([path, label]) => {
    const [a, b, c] = [at(began, path), at(there, path), at(mine, path)];
    const names = [...new Set([a, b, c].flatMap(namesOf))];
    if (names.length === 0) return difference(label, a, b, c, (value) => words(value, path));
    return names.flatMap((name) => difference(`${label}: ${name}`, named(a, name), named(b, name), named(c, name), (value) => words(value, path)));
  });
}

function difference(label: string, began: unknown, there: unknown, mine: unknown, words: (value: unknown) => string): Difference[] {
  const [they, i] = [!same(began, there), !same(began, mine)];
  if (!they && !i) return [];
  const by = they && i && !same(there, mine) ? "both" : they ? "them" : "me";
  return [{ label, was: words(began), theirs: words(there), mine: words(mine), by }];
}

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce((found, key) => (isFields(found) ? found[key] : undefined), value);
}

function namesOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => (isFields(one) && typeof one.name === "string" ? [one.name] : []));
}

function named(value: unknown, name: string): unknown {
  return Array.isArray(value) ? value.find((one: unknown) => isFields(one) && one.name === name) : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equal for whoever reads it: nothing, null and the empty text are one, and the order of keys says nothing. */
export function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? "", (_, inner: unknown) =>
    isFields(inner) ? Object.fromEntries(Object.entries(inner).filter(([, one]) => one !== null && one !== undefined && one !== "").sort()) : inner,
  );
}

/** A value in few words; masked values are never among them. */
export function plainWords(value: unknown): string {
  if (value === undefined || value === null || value === "") return "—";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.map(plainWords).join(", ");
  if (!isFields(value)) return String(value);
  if ("masked" in value && "required" in value) return variableWords(value);
  return Object.entries(value).filter(([, one]) => one !== null && one !== undefined && one !== "").map(([key, one]) => `${key}: ${plainWords(one)}`).join(", ") || "—";
}

function variableWords({ value, masked, required }: Fields): string {
  const said = masked ? (value ? "a new masked value" : "masked") : value ? String(value) : "no value";
  return required ? `${said}, required` : said;
}

/**
 * My changes on top of theirs: each field as I want it where I changed it, as it is there now where I did not.
 * Lists, and choices of another kind (`type`, `mode`, other keys), are taken as a whole.
 */
export function rebased<T>(began: T, there: T, mine: T): T {
  if (same(began, mine)) return there;
  if (same(began, there) || !alike(began, there) || !alike(there, mine)) return mine;
  const [a, b, c] = [began as Fields, there as Fields, mine as Fields];
  return Object.fromEntries(Object.keys(c).map((key) => [key, rebased(a[key], b[key], c[key])])) as T;
}

function alike(a: unknown, b: unknown): boolean {
  if (!isFields(a) || !isFields(b) || a.type !== b.type || a.mode !== b.mode) return false;
  return Object.keys(a).sort().join() === Object.keys(b).sort().join();
}
