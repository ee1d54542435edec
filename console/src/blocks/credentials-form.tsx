// A secret for a host: a new one, or another in place of the one that is kept.
import { useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { Problem } from "../api/problem";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { Form } from "../parts/form";
import { announce } from "../parts/toast";

interface Props {
  of: Schemas["CredentialsAnswer"] | null;
  /** The hosts that have a secret already. */
  hosts: readonly string[];
  onDone: () => void;
}

export function CredentialsForm({ of, hosts, onDone }: Props) {
  const [host, setHost] = useState(of?.host ?? "");
  const [username, setUsername] = useState(of?.username ?? "");
  const [secret, setSecret] = useState("");
  const submit = useSubmit();
  const plain = hostOf(host);
  async function save() {
    const body = { username: username.trim() || null, secret: secret.trim() };
    const fine = await submit.run(async () => {
      checkFilled({ host: [plain, "github.com or ghcr.io"], secret: [body.secret, "a token or password"] });
      await ask(api.PUT("/credentials/{host}", { params: { path: { host: plain } }, body }));
    });
    if (!fine) return;
    invalidate("credentials");
    announce(`The secret for ${plain} is kept`);
    onDone();
  }
  return (
    <Form submit={submit} fields={["host", "username", "secret"]} onSubmit={() => void save()}>
      <TextField label="Host" value={host} onInput={setHost} disabled={of !== null} placeholder="github.com" autofocus={!of} {...submit.at("host")}
        hint={!of && hosts.includes(plain) ? "There is a secret for this host already; it is replaced." : "The git server or image registry, with its port if it has one."} />
      <TextField label="User name" optional value={username} onInput={setUsername} {...submit.at("username")} hint="Image registries need it; git servers take a token without." />
      <TextField label="Token or password" type="password" value={secret} onInput={setSecret} autofocus={of !== null} {...submit.at("secret")} hint="Reading is enough; it is never shown again." />
      <footer class="actions">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" kind="primary" busy={submit.busy}>{of ? "Replace" : "Add"}</Button>
      </footer>
    </Form>
  );
}

/** Throws what is missing, since the address of an empty host would be another one. */
function checkFilled(fields: Record<string, [value: string, wanted: string]>): void {
  const errors = Object.entries(fields).flatMap(([field, [value, wanted]]) => (value ? [] : [{ field, message: `is missing: write ${wanted}` }]));
  if (errors.length > 0) throw new Problem(422, { errors });
}

/** The host of what people paste, which may be a whole address. */
function hostOf(typed: string): string {
  return typed.trim().toLowerCase().replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}
