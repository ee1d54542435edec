// What the rows of the variables editor do to each other, apart from how they look.
import type { Schemas } from "../api/client";
import type { Pasted } from "./variables-text";

export type Variable = Schemas["Variable"];

export const NO_VARIABLE: Variable = { name: "", value: "", required: false, masked: false };

/** The names of masked variables that the server may keep a value of: it never tells masked values. */
export function keptNames(variables: readonly Variable[]): string[] {
  return variables.filter(({ masked, value }) => masked && value === null).map(({ name }) => name);
}

/** The row as it is meant: no value (null) stands only for one that the server keeps under this very name. */
export function settled(row: Variable, kept: readonly string[]): Variable {
  const keeps = row.masked && !row.value && kept.includes(row.name);
  return { ...row, value: keeps ? null : (row.value ?? "") };
}

/** The rows as they are to be sent: without those that say nothing, names trimmed, masked ones without a value as null. */
export function tidy(variables: readonly Variable[]): Variable[] {
  return variables
    .map((row) => ({ ...row, name: row.name.trim(), value: row.masked && !row.value ? null : row.value }))
    .filter(({ name, value }) => name || value);
}

/** The rows as they may be kept in the browser: without masked values, and without those of `secret` names. */
export function withoutSecrets(variables: readonly Variable[], secret: readonly string[] = []): { variables: Variable[]; lost: string[] } {
  const isSecret = ({ name, masked, value }: Variable) => (masked || secret.includes(name.trim())) && Boolean(value);
  return {
    variables: variables.map((row) => (isSecret(row) ? { ...row, value: "" } : row)),
    lost: variables.filter(isSecret).map(({ name }) => name),
  };
}

/** What can be said about a name at once: for each row a message, or undefined. */
export function nameErrors(variables: readonly Variable[]): (string | undefined)[] {
  const seen = new Set<string>();
  return variables.map(({ name }) => {
    const said = name.trim();
    const twice = said !== "" && seen.has(said);
    seen.add(said);
    return twice ? `${said} is there twice; keep one of them` : undefined;
  });
}

/** The rows with the pasted values laid over them by name; new names come last. */
export function withPasted(variables: readonly Variable[], pasted: readonly Pasted[], masked: boolean): Variable[] {
  const given = new Map(pasted.map(({ name, value }) => [name, value]));
  const changed = variables.map((row) => {
    const value = given.get(row.name);
    given.delete(row.name);
    return value === undefined ? row : { ...row, value, masked: row.masked || masked };
  });
  const added = [...given].map(([name, value]) => ({ name, value, masked, required: false }));
  return [...changed.filter(({ name, value }) => name || value), ...added];
}

/** The fields of variables that a form with the editor shows errors at, as `fields` of Form takes them. */
export function variableFields(variables: readonly Variable[], field = "variables"): string[] {
  return [field, ...variables.flatMap((_, i) => ["", ".name", ".value", ".required", ".masked"].map((part) => `${field}[${i}]${part}`))];
}
