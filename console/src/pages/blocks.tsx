// All KintoBlocks, and the way to a new one.
import { useState } from "preact/hooks";

import { api, ask } from "../api/client";
import { may } from "../api/me";
import { usePages } from "../api/pages";
import { BlockCard, fits } from "../blocks/block-card";
import type { Block } from "../blocks/draft";
import { TextField } from "../parts/field";
import { Icon } from "../parts/icon";
import { More } from "../parts/more";
import { Page } from "../parts/page";
import { Empty, Failure, Loading } from "../parts/states";
import { href } from "../router";
import "../styles/blocks.css";

const LIMIT = 50;

export function BlocksPage() {
  const blocks = usePages("blocks", load, (block) => block.internal_name, 15_000);
  const [search, setSearch] = useState("");
  const all = blocks.items;
  const mayCreate = may("admin", "stack");
  const shown = all?.filter((block) => fits(block, search.trim())) ?? [];
  return (
    <Page title="KintoBlocks" lead="What your projects are made of: jobs, and the services that they run around. A KintoBlock says where the code is; a project's environment says when it runs.">
      {all && all.length > 0 && <Search {...{ search, setSearch }} loaded={all.length} found={shown.length} complete={!blocks.more} />}
      <ul class="cards blocks">
        {mayCreate && (
          <li>
            <a class="card new-block" href={href("blocks", "new")}>
              <Icon name="plus" /> <span>Create New KintoBlock</span>
            </a>
          </li>
        )}
        {shown.map((block) => <BlockCard key={block.internal_name} block={block} />)}
      </ul>
      {!all && !blocks.error && <Loading />}
      {!all && blocks.error && <Failure error={blocks.error} retry={blocks.refresh} />}
      {all?.length === 0 && (
        <Empty title="There are no KintoBlocks yet.">
          <p>{mayCreate ? "Create the first one: a job from a git repository or an image. Then add it to a project." : "An admin of all projects creates them; then they are shown here."}</p>
        </Empty>
      )}
      {all && all.length > 0 && shown.length === 0 && (
        <Empty title={`Nothing fits “${search.trim()}”.`}>
          <p>{blocks.more ? "Only what is loaded was searched; there are more." : "All KintoBlocks were searched."}</p>
        </Empty>
      )}
      <More more={blocks.more} />
    </Page>
  );
}

function load(cursor?: string): Promise<{ items: Block[]; next: string | null }> {
  return ask(api.GET("/blocks", { params: { query: { limit: LIMIT, ...(cursor && { cursor }) } } }));
}

function Search(props: { search: string; setSearch: (to: string) => void; loaded: number; found: number; complete: boolean }) {
  const { search, setSearch, loaded, found, complete } = props;
  const searched = complete ? `all ${loaded}` : `the ${loaded} loaded so far`;
  return (
    <div class="blocks-search" role="search">
      <TextField label="Search KintoBlocks" type="search" value={search} onInput={setSearch} placeholder="Name, flavor, repository or image" />
      <p class="hint" role="status">{search.trim() ? `${found} of ${searched}` : complete ? "" : `${loaded} loaded so far; the search looks at these.`}</p>
    </div>
  );
}
