// Pages by the address's fragment, so that they work under any prefix and no page's address is sent to the server.
import { batch, computed, signal } from "@preact/signals";

/** What an entry of the browser's history knows of itself. */
interface State {
  id: string;
  /** Whether a dialog was opened by it: closing that goes back to the page behind. */
  dialog?: boolean;
}

const fragment = signal(location.hash);
/** The id of the present entry of the browser's history. */
export const entry = signal(present().id);
addEventListener("hashchange", arrive);

function arrive(): void {
  batch(() => {
    entry.value = present().id;
    fragment.value = location.hash;
  });
}

function present(): State {
  const state = history.state as State | null;
  if (state?.id) return state;
  const fresh = { id: crypto.randomUUID() };
  history.replaceState(fresh, "");
  return fresh;
}

/** The path after `#`, without its query. */
export const path = computed(() => "/" + parts(fragment.value).path.replace(/^\/+|\/+$/g, ""));
/** The query after the path. */
export const query = computed(() => new URLSearchParams(parts(fragment.value).query));

function parts(hash: string): { path: string; query: string } {
  const [before = "", ...after] = hash.replace(/^#/, "").split("?");
  return { path: before, query: after.join("?") };
}

/** The address of a page: `href("projects", "shop")` is `#/projects/shop`; values are escaped. */
export function href(...names: (string | number)[]): string {
  return "#/" + names.map((name) => encodeURIComponent(name)).join("/");
}

export function navigate(to: string): void {
  location.hash = to;
}

/** The page instead of the present one, for redirects: Back does not come here again. */
export function replace(to: string): void {
  history.replaceState(history.state, "", to);
  arrive();
}

/** The address of this page with other parameters: undefined leaves one out. */
function here(parameters: Record<string, string | undefined>): string {
  const all = new URLSearchParams(query.peek());
  for (const [name, value] of Object.entries(parameters)) value === undefined ? all.delete(name) : all.set(name, value);
  return `#${path.peek()}${all.size > 0 ? `?${all.toString()}` : ""}`;
}

/** Changes parameters of this page's address, without a new entry in the history. */
export function changeParameters(parameters: Record<string, string | undefined>): void {
  replace(here(parameters));
}

/** Puts a dialog into the address: Back closes it, and a reload shows it again. */
export function openDialog(parameters: Record<string, string>): void {
  history.pushState({ id: crypto.randomUUID(), dialog: true } satisfies State, "", here(parameters));
  arrive();
}

/** The next dialog in the place of this one. */
export function changeDialog(parameters: Record<string, string | undefined>): void {
  replace(here(parameters));
}

/** Closes the dialog of these parameters. */
export function closeDialog(...names: string[]): void {
  if (present().dialog) history.back();
  else replace(here(Object.fromEntries(names.map((name) => [name, undefined]))));
}

/** The parameters of a path that fits a pattern such as `/projects/:project`; null where it does not. */
export function match(pattern: string, found: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split("/"), found.split("/")];
  if (wanted.length !== given.length) return null;
  const parameters: Record<string, string> = {};
  for (const [i, name] of wanted.entries()) {
    const value = unescaped(given[i] ?? "");
    if (name.startsWith(":") && value) parameters[name.slice(1)] = value;
    else if (name !== value) return null;
  }
  return parameters;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
