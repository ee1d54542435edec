// The token is asked for once.
import { useState } from "preact/hooks";

import { know, type Me } from "../api/me";
import { Problem, Unreachable } from "../api/problem";
import { signedOutBecause, signIn } from "../api/session";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { Form } from "../parts/form";
import { Mark } from "../shell";

const NOT_VALID = "This token is not valid, or not any more";

export function SignIn() {
  const [secret, setSecret] = useState("");
  const submit = useSubmit();
  async function check(): Promise<void> {
    const given = secret.trim();
    if (!given) throw new Problem(422, { detail: "Paste a token; it begins with kinto_" });
    know(await whose(given));
    signIn(given);
  }
  return (
    <main class="sign-in">
      <div class="card">
        <h1><Mark /> KintoBlocks</h1>
        <p class="lead">Jobs around your deployments.</p>
        {signedOutBecause.value && <div class="notice" role="status">{signedOutBecause.value}</div>}
        <Form submit={submit} onSubmit={() => void submit.run(check)} label="Sign in">
          <TextField label="Token" type="password" value={secret} onInput={setSecret} autofocus
            hint={<>Kept for this browser session only. On a laptop <code>make up</code> prints a link that signs you in; on AWS <code>make token</code> makes one.</>} />
          <footer class="actions"><Button type="submit" kind="primary" busy={submit.busy}>Sign in</Button></footer>
        </Form>
      </div>
    </main>
  );
}

async function whose(given: string): Promise<Me> {
  let answer: Response;
  try {
    answer = await fetch(new URL("me", location.href.split("#")[0]), { headers: { Authorization: `Bearer ${given}` } });
  } catch (error) {
    // What no header can hold was never sent.
    if (/[^\x21-\x7e]/.test(given)) throw new Problem(422, { detail: NOT_VALID });
    throw new Unreachable();
  }
  if (answer.ok) return (await answer.json()) as Me;
  throw new Problem(answer.status, { detail: answer.status === 401 ? NOT_VALID : `The server answered ${answer.status}; try again` });
}
