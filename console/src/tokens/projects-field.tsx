// Which projects a token is for: all, or those that are chosen.
import { api, ask } from "../api/client";
import { useDialogSearch, useSearched } from "../api/search";
import { Checkbox, Choices, TextField } from "../parts/field";
import { NoMatch, SearchMore } from "../parts/search";
import { Empty, Shown } from "../parts/states";
import { list } from "./roles";

export interface Limit {
  of: "all" | "chosen";
  chosen: string[];
}

interface Props {
  /** What it means that some are chosen. */
  hint?: string;
  limit: Limit;
  onInput: (limit: Limit) => void;
  error: string | undefined;
}

const MANY = 8;
const OF_TOKEN = "Nothing that concerns others: no credentials, tokens or KintoBlocks to change.";

export function ProjectsField({ limit, onInput, error, hint = OF_TOKEN }: Props) {
  const choices = [
    { value: "all", label: "All projects", hint: "Those to come, too." },
    { value: "chosen", label: "Chosen projects", hint },
  ] as const;
  return (
    <div class="token-projects">
      <Choices label="Projects" value={limit.of} onInput={(of) => onInput({ ...limit, of })} choices={choices} error={error} />
      {limit.of === "chosen" && <Chosen chosen={limit.chosen} onInput={(chosen) => onInput({ of: "chosen", chosen })} />}
    </div>
  );
}

function Chosen({ chosen, onInput }: { chosen: string[]; onInput: (chosen: string[]) => void }) {
  const search = useDialogSearch();
  const found = useSearched("projects?limit=100", search.search, (query) => ask(api.GET("/projects", { params: { query: { limit: 100, ...query } } })), ({ internal_name }) => internal_name);
  return (
    <Shown of={{ data: found.items, error: found.error, refresh: found.refresh }}>
      {(projects) => projects.length === 0 && !search.search ? <Empty title="There is no project yet."><p>Create one first, or a token for all.</p></Empty> : (
        <>
          {(projects.length > MANY || search.text || search.search) && <TextField label="Search projects" type="search" value={search.text} onInput={search.onInput} maxLength={200} />}
          <fieldset class="token-chosen">
            <legend class="hidden-text">Chosen projects</legend>
            {projects.length === 0 && !found.searching && <NoMatch one="project" of={search} list={found} />}
            {projects.map(({ name, internal_name: id }) => (
              <Checkbox key={id} label={name === id ? id : <>{name} <span class="faint">{id}</span></>} value={chosen.includes(id)}
                onInput={(on) => onInput(on ? [...chosen, id] : chosen.filter((one) => one !== id))} />
            ))}
            <SearchMore of={search} list={found} />
          </fieldset>
          <p class="hint" role="status">{chosen.length > 0 ? `Chosen: ${list(chosen)}.` : "None is chosen yet."}</p>
        </>
      )}
    </Shown>
  );
}
