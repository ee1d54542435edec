// Revoke: asks first; whoever uses the token is out at their next request, oneself at once.
import { api, ask } from "../api/client";
import { me } from "../api/me";
import { Problem } from "../api/problem";
import { invalidate } from "../api/resource";
import { signOut } from "../api/session";
import { Confirm } from "../parts/dialog";
import { announce } from "../parts/toast";
import type { Token } from "./roles";

export function RevokeToken({ token: { id, name }, onClose }: { token: Token; onClose: () => void }) {
  const own = me.value?.id === id;
  async function revoke() {
    try {
      await ask(api.DELETE("/tokens/{token}", { params: { path: { token: id } } }));
    } catch (error) {
      // Somebody else has revoked it meanwhile: that is what was wanted.
      if (!(error instanceof Problem) || error.status !== 404) throw error;
    }
    if (own) return signOut("You have revoked the token that you were signed in with. Sign in with another.");
    invalidate("tokens");
    announce(`${name} is revoked`);
  }
  return (
    <Confirm title={`Revoke ${name}?`} action={own ? "Revoke and sign out" : "Revoke"} danger onConfirm={revoke} onClose={onClose}>
      {own && <p><strong>You are signed in with this token: you will be signed out</strong>, and need another to come back.</p>}
      <p>The next request with it is refused. This can't be undone; what it did stays in the audit under its name.</p>
    </Confirm>
  );
}
