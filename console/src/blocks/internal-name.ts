// Internal names, as chalicelib/domain/names.py spells them: the server decides, this fills in while one types.

export const RULE = "2 to 48 lower-case letters, digits and hyphens; starts with a letter, ends with a letter or digit";

/** The internal name that a display name gives (`Test-Job` gives `test-job`); the empty text where it gives none. */
export function internalName(name: string): string {
  const plain = name.normalize("NFKD").replace(/[^\x00-\x7f]/g, "").toLowerCase();
  const candidate = plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[0-9-]+/, "")
    .slice(0, 48)
    .replace(/-+$/, "");
  return isInternalName(candidate) ? candidate : "";
}

export function isInternalName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,46}[a-z0-9]$/.test(name);
}
