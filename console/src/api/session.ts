// Who is signed in: the token lives in the session storage of each tab, and never in an address that is sent.
import { signal } from "@preact/signals";

const KEY = "kintoblocks.token";

export const token = signal<string | null>(takeFromFragment() ?? sessionStorage.getItem(KEY));

// Why the sign-in page is shown again, where there is something to say.
export const signedOutBecause = signal<string | null>(null);

export function signIn(secret: string): void {
  sessionStorage.setItem(KEY, secret);
  signedOutBecause.value = null;
  token.value = secret;
}

export function signOut(because: string | null = null): void {
  sessionStorage.removeItem(KEY);
  signedOutBecause.value = because;
  token.value = null;
}

/** A link with a token, followed in a tab that shows the console already: it is not loaded anew for that. */
export function signInByLink(): void {
  const secret = takeFromFragment();
  if (secret === null) return;
  signIn(secret);
  // Whoever heard of the new address before has it with the token still.
  dispatchEvent(new HashChangeEvent("hashchange"));
}

/** Takes `#token=...` out of the address, so that neither the history nor a copied link carries it. */
function takeFromFragment(): string | null {
  const found = /^#token=([^&]+)/.exec(location.hash)?.[1];
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search + "#/");
  // No token has a percent sign: what is left of one is no token, which the server says.
  const secret = found;
  sessionStorage.setItem(KEY, secret);
  return secret;
}
