// Variables as text: what people paste from .env files and shells, and what "Copy all" gives back.

export interface Pasted {
  name: string;
  value: string;
}

interface Wrong {
  line: number;
  message: string;
}

export interface Parsed {
  /** In their order; of a name that is there twice, the last value, as a shell has it. */
  variables: Pasted[];
  /** Lines that say nothing that can be used. Never with their text, which may be a secret. */
  wrong: Wrong[];
}

const BEGIN = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/;
const QUOTED = { '"': /^"((?:[^"\\]|\\[^])*)"/, "'": /^'([^']*)'/ } as const;
const ESCAPED: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$", "`": "`", "\n": "" };

/** Reads `KEY=value` lines: comments, an `export` before, quotes, and values of several lines within quotes. */
export function parseVariables(text: string): Parsed {
  const found = new Map<string, string>();
  const wrong: Wrong[] = [];
  let rest = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  let line = 1;
  while (rest) {
    const taken = take(rest);
    if ("message" in taken) wrong.push({ line, message: taken.message });
    else if (taken.name) {
      // Set anew, not changed in place, so that it stands where it was said last.
      found.delete(taken.name);
      found.set(taken.name, taken.value);
    }
    line += rest.slice(0, taken.length).split("\n").length - 1;
    rest = rest.slice(taken.length);
  }
  return { variables: [...found].map(([name, value]) => ({ name, value })), wrong };
}

type Taken = { length: number } & ({ name: string; value: string } | { message: string });

/** The entry at the beginning of `text` and how many characters it takes, its line end included. */
function take(text: string): Taken {
  const whole = text.slice(0, lineEnd(text, 0));
  if (/^\s*(#|$)/.test(whole)) return { name: "", value: "", length: next(text, 0) };
  const begun = BEGIN.exec(whole);
  if (!begun) return { message: "no KEY=value; a name has letters, digits and underscores", length: next(text, 0) };
  const at = begun[0].length;
  const quote = text[at];
  if (quote === '"' || quote === "'") return takeQuoted(text, begun[1]!, at, quote);
  const value = whole.slice(at).replace(/(^|[ \t]+)#.*$/, "").trimEnd();
  return { name: begun[1]!, value, length: next(text, at) };
}

function takeQuoted(text: string, name: string, at: number, quote: '"' | "'"): Taken {
  const quoted = QUOTED[quote].exec(text.slice(at));
  if (!quoted) return { message: `the quote ${quote} is not closed`, length: next(text, at) };
  const end = at + quoted[0].length;
  if (!/^[ \t]*(#.*)?$/.test(text.slice(end, lineEnd(text, end)))) {
    return { message: `something follows the closing quote ${quote}`, length: next(text, end) };
  }
  const value = quote === "'" ? quoted[1]! : quoted[1]!.replace(/\\([^])/g, (both, one: string) => ESCAPED[one] ?? both);
  return { name, value, length: next(text, end) };
}

function lineEnd(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  return found < 0 ? text.length : found;
}

function next(text: string, from: number): number {
  return Math.min(text.length, lineEnd(text, from) + 1);
}

interface Told {
  name: string;
  value: string | null;
  masked: boolean;
}

/** The lines that `parseVariables` reads back; masked values stay out of the clipboard. */
export function variablesText(variables: readonly Told[]): string {
  return variables
    .filter(({ name }) => name)
    .map(({ name, value, masked }) => (masked ? `# ${name} is masked` : `${name}=${quotedIfNeeded(value ?? "")}`))
    .join("\n");
}

function quotedIfNeeded(value: string): string {
  if (/^[\w./:@%+,=-]*$/.test(value)) return value;
  if (!value.includes("'") && !value.includes("\r")) return `'${value}'`;
  return `"${value.replace(/["\\$`]/g, "\\$&").replace(/\r/g, "\\r").replace(/\n/g, "\\n")}"`;
}
