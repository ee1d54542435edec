// Repository, Branch, Source Folder Path and the token of a private repository.
import { useId } from "preact/hooks";

import { api, ask } from "../api/client";
import { useResource } from "../api/resource";
import type { Submit } from "../api/submit";
import { Checkbox, TextField } from "../parts/field";
import { href } from "../router";
import type { BlockDraft } from "./draft";

export const REPOSITORY_FIELDS = ["repository", "repository.url", "repository.branch", "repository.source_folder", "repository.token"];

interface Props {
  draft: BlockDraft;
  change: (changes: Partial<BlockDraft>) => void;
  submit: Submit;
  /** Whether a token is stored for the repository already. */
  hasToken?: boolean;
}

export function RepositoryFields({ draft, change, submit, hasToken = false }: Props) {
  const known = useKnownRepositories();
  const id = useId();
  const { repository } = draft;
  const set = (changes: Partial<typeof repository>) => change({ repository: { ...repository, ...changes } });
  return (
    <>
      <TextField label="Repository" value={repository.url} onInput={(url) => set({ url })} list={id} inputMode="url" placeholder="https://github.com/owner/name"
        {...submit.at("repository.url", "repository")} hint="Its https address. Those of your other KintoBlocks are suggested." />
      <datalist id={id}>{known.map((url) => <option key={url} value={url} />)}</datalist>
      <div class="row">
        <TextField label="Branch" value={repository.branch} onInput={(branch) => set({ branch })} placeholder="main"
          {...submit.at("repository.branch")} hint="Taken where an environment chooses no other." />
        <TextField label="Source Folder Path" optional value={repository.source_folder} onInput={(source_folder) => set({ source_folder })} placeholder="/path/to/folder"
          {...submit.at("repository.source_folder")} hint="The repository's root, if left out." />
      </div>
      <TextField label="Token" optional type="password" value={draft.token} onInput={(token) => change({ token, forgetToken: false })} disabled={draft.forgetToken}
        placeholder={hasToken ? "stored, not shown" : ""} {...submit.at("repository.token")}
        hint={<>For a private repository. It is encrypted at once and never shown; one for all of a host can be kept in <a href={href("credentials")}>Credentials</a>.
          {hasToken && " Left alone, the stored one stays as long as the host does."}</>} />
      {hasToken && <Checkbox label="Forget the stored token" value={draft.forgetToken} onInput={(forgetToken) => change({ forgetToken, token: "" })} />}
    </>
  );
}

function useKnownRepositories(): string[] {
  const found = useResource("blocks?limit=100", () => ask(api.GET("/blocks", { params: { query: { limit: 100 } } })));
  return [...new Set((found.data?.items ?? []).flatMap(({ repository }) => (repository ? [repository.url] : [])))].sort();
}
