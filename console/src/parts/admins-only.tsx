// What stands on a page that the token of who is signed in may not use: why, and where to go on.
import { me } from "../api/me";
import { ButtonLink } from "./button";
import { inWords } from "../tokens/roles";
import { Empty } from "./states";

/** `what`: a sentence, "Only admins manage tokens." */
export function AdminsOnly({ what }: { what: string }) {
  const who = me.value;
  return (
    <Empty title={what}>
      {who && <p>You are signed in with the token <strong>{who.name}</strong>: {inWords(who)}. Ask an admin, or sign in with another token.</p>}
      <ButtonLink href="#/">Home</ButtonLink>
    </Empty>
  );
}
