// Which projects a token is for: all, or those that are chosen.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { usePages } from "../api/pages";
import { Checkbox, Choices, TextField } from "../parts/field";
import { More } from "../parts/more";
import { Empty, Shown } from "../parts/states";
import { list } from "./roles";

export interface Limit {
  of: "all" | "chosen";
  chosen: string[];
}

interface Props {
  limit: Limit;
  onInput: (limit: Limit) => void;
  error: string | undefined;
}

const MANY = 8;
const CHOICES = [
  { value: "all", label: "All projects", hint: "Those to come, too." },
  { value: "chosen", label: "Chosen projects", hint: "Nothing that concerns others: no credentials, tokens or KintoBlocks to change." },
] as const;

export function ProjectsField({ limit, onInput, error }: Props) {
  return (
    <div class="token-projects">
      <Choices label="Projects" value={limit.of} onInput={(of) => onInput({ ...limit, of })} choices={CHOICES} error={error} />
      {limit.of === "chosen" && <Chosen chosen={limit.chosen} onInput={(chosen) => onInput({ of: "chosen", chosen })} />}
    </div>
  );
}

function Chosen({ chosen, onInput }: { chosen: string[]; onInput: (chosen: string[]) => void }) {
  const read = (cursor?: string) => ask(api.GET("/projects", { params: { query: { limit: 100, ...(cursor && { cursor }) } } }));
  const found = usePages("projects?limit=100", read, ({ internal_name }) => internal_name);
  const [search, setSearch] = useState("");
  const fits = (text: string) => text.toLowerCase().includes(search.trim().toLowerCase());
  return (
    <Shown of={{ data: found.items, error: found.error, refresh: found.refresh }}>
      {(projects) => projects.length === 0 ? <Empty title="There is no project yet."><p>Create one first, or a token for all.</p></Empty> : (
        <>
          {projects.length > MANY && <TextField label="Search projects" type="search" value={search} onInput={setSearch} />}
          <fieldset class="token-chosen">
            <legend class="hidden-text">Chosen projects</legend>
            {projects.filter(({ name, internal_name }) => fits(`${name} ${internal_name}`)).map(({ name, internal_name: id }) => (
              <Checkbox key={id} label={name === id ? id : <>{name} <span class="faint">{id}</span></>} value={chosen.includes(id)}
                onInput={(on) => onInput(on ? [...chosen, id] : chosen.filter((one) => one !== id))} />
            ))}
            <More more={found.more} />
          </fieldset>
          <p class="hint" role="status">{chosen.length > 0 ? `Chosen: ${list(chosen)}.` : "None is chosen yet."}</p>
        </>
      )}
    </Shown>
  );
}
