// Who is signed in, and what that token may do: read once after sign-in. The server stays the judge.
import { effect, signal } from "@preact/signals";

import { api, ask, type Schemas } from "./client";
import { forgetAll } from "./resource";
import { token } from "./session";

export type Me = Schemas["TokenAnswer"];
export type Role = Me["role"];

const KEY = "kintoblocks.me";
const RANKS: readonly Role[] = ["viewer", "deployer", "admin"];

/** Null as long as it is not known. */
export const me = signal<Me | null>(kept());

// What one person has read is not for the next, however the first one went.
effect(() => {
  if (token.value !== null && isOf(me.peek(), token.value)) return;
  know(null);
  forgetAll();
});

function isOf(who: Me | null, secret: string): boolean {
  return who !== null && secret.startsWith(`kinto_${who.id}_`);
}

export function know(found: Me | null): void {
  if (found) sessionStorage.setItem(KEY, JSON.stringify(found));
  else sessionStorage.removeItem(KEY);
  me.value = found;
}

export async function readMe(): Promise<Me> {
  const found = await ask(api.GET("/me"));
  know(found);
  return found;
}

/** What a token's role and limits never do is change: a reload needs not ask again. */
function kept(): Me | null {
  const text = sessionStorage.getItem(KEY);
  const found = text ? (JSON.parse(text) as Me) : null;
  return isOf(found, token.peek() ?? "") ? found : null;
}

/**
 * Whether who is signed in may do what takes this role: in the projects that it sees, or `of` the whole stack (blocks,
 * credentials, tokens, new projects), which no token does that is limited to projects.
 */
export function may(role: Role, of: "project" | "stack" = "project", who: Pick<Me, "role" | "projects"> | null = me.value): boolean {
  if (who === null || (of === "stack" && who.projects !== null)) return false;
  return RANKS.indexOf(who.role) >= RANKS.indexOf(role);
}
