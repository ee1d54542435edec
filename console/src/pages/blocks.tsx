// All KintoBlocks, and the way to a new one.
import { api, ask } from "../api/client";
import { may } from "../api/me";
import { usePageSearch, useSearched } from "../api/search";
import { BlockCard } from "../blocks/block-card";
import { Icon } from "../parts/icon";
import { Page } from "../parts/page";
import { NoMatch, SearchField, SearchMore } from "../parts/search";
import { Empty, Failure, Loading } from "../parts/states";
import { href } from "../router";
import "../styles/blocks.css";

const LIMIT = 50;

export function BlocksPage() {
  const search = usePageSearch();
  const blocks = useSearched(
    "blocks", search.search, (query) => ask(api.GET("/blocks", { params: { query: { limit: LIMIT, ...query } } })), (block) => block.internal_name, 15_000,
  );
  const all = blocks.items;
  const mayCreate = may("admin", "stack");
  const none = all?.length === 0;
  return (
    <Page title="KintoBlocks" lead="What your projects are made of: jobs, and the services that they run around. A KintoBlock says where the code is; a project's environment says when it runs.">
      {(search.search || (all && !none)) && <SearchField what="KintoBlocks" of={search} list={blocks} />}
      <ul class="cards blocks" aria-busy={blocks.searching}>
        {mayCreate && !(none && search.search) && (
          <li>
            <a class="card new-block" href={href("blocks", "new")}>
              <Icon name="plus" /> <span>Create New KintoBlock</span>
            </a>
          </li>
        )}
        {all?.map((block) => <BlockCard key={block.internal_name} block={block} />)}
      </ul>
      {!all && !blocks.error && <Loading />}
      {!all && blocks.error && <Failure error={blocks.error} retry={blocks.refresh} />}
      {none && !search.search && (
        <Empty title="There are no KintoBlocks yet.">
          <p>{mayCreate ? "Create the first one: a job from a git repository or an image. Then add it to a project." : "An admin of all projects creates them; then they are shown here."}</p>
        </Empty>
      )}
      {none && search.search && !blocks.searching && <NoMatch one="KintoBlock" of={search} list={blocks} />}
      <SearchMore of={search} list={blocks} />
    </Page>
  );
}
