// The dialog that creates a token, then shows its secret, once.
import { useState } from "preact/hooks";

import { api, ask, type Schemas } from "../api/client";
import { Problem, Unreachable } from "../api/problem";
import { invalidate } from "../api/resource";
import { useSubmit } from "../api/submit";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { useDiscardGuard } from "../parts/discard";
import { Choices, Select, TextField } from "../parts/field";
import { Form } from "../parts/form";
import { endOf, EXPIRIES, type Expiry } from "./expiry";
import { type Limit, ProjectsField } from "./projects-field";
import { type Role, ROLES } from "./roles";
import { SecretOnce } from "./secret-once";

const LIMITED_FIELDS = 50;
const FIELDS = ["name", "role", "expires_at", "projects", ...Array.from({ length: LIMITED_FIELDS }, (_, i) => `projects[${i}]`)];
const AFTER_SILENCE = "No answer came. The token may be there without anybody knowing its secret: if it stands in the list, revoke it, then create another.";

export function CreateToken({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<Schemas["MadeToken"] | null>(null);
  if (made) return <SecretOnce token={made} onClose={onClose} />;
  return <NewToken onMade={(token) => (invalidate("tokens"), setMade(token))} onClose={onClose} />;
}

function NewToken({ onMade, onClose }: { onMade: (token: Schemas["MadeToken"]) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [limit, setLimit] = useState<Limit>({ of: "all", chosen: [] });
  const [expiry, setExpiry] = useState<Expiry>("90");
  const [date, setDate] = useState("");
  const submit = useSubmit();
  const guard = useDiscardGuard(onClose);
  guard.watch(name !== "" || limit.chosen.length > 0);

  async function create(): Promise<void> {
    const body = { name, role, projects: limit.of === "all" ? null : limit.chosen, expires_at: end(expiry, date) };
    try {
      onMade(await ask(api.POST("/tokens", { body })));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      invalidate("tokens");
      throw new Error(AFTER_SILENCE);
    }
  }
  const { error: chosenError } = submit.at(...FIELDS.filter((field) => field.startsWith("projects")));
  return (
    <>
      <Dialog title="Create token" onClose={onClose} mayClose={guard.mayClose}>
        <Form class="token-form" submit={submit} onSubmit={() => void submit.run(create)} fields={FIELDS}>
          <TextField label="Name" value={name} onInput={setName} autofocus placeholder="Continuous integration" {...submit.at("name")}
            hint="Who uses it, or what for. What is done with it is told under this name." />
          <Choices label="Role" value={role} onInput={setRole} choices={ROLES} {...submit.at("role")} />
          <ProjectsField limit={limit} onInput={(to) => (submit.edit("projects"), setLimit(to))} error={chosenError} />
          <div class="row">
            <Select label="Expires" value={expiry} onInput={setExpiry} choices={EXPIRIES} {...submit.at("expires_at")} {...(expiry === "date" && { error: undefined })} />
            {expiry === "date" && <TextField label="Date" type="datetime-local" value={date} onInput={setDate} hint="In your time." {...submit.at("expires_at")} />}
          </div>
          <footer class="actions">
            <Button onClick={() => guard.mayClose() && onClose()}>Cancel</Button>
            <Button type="submit" kind="primary" busy={submit.busy}>Create token</Button>
          </footer>
        </Form>
      </Dialog>
      {guard.question}
    </>
  );
}

function end(expiry: Expiry, date: string): string | null {
  try {
    return endOf(expiry, date, Date.now());
  } catch {
    throw new Problem(422, { errors: [{ field: "expires_at", message: "choose a day and a time" }] });
  }
}
