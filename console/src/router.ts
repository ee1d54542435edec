// Pages by the address's fragment, so that they work under any prefix and no page's address is sent to the server.
import { computed, signal } from "@preact/signals";

const fragment = signal(location.hash);
addEventListener("hashchange", () => {
  fragment.value = location.hash;
});

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
  history.replaceState(null, "", to);
  fragment.value = location.hash;
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
