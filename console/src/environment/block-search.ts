// The blocks that one can add, searched on the server; those that begin with what was typed come first.
import { api, ask, type Schemas } from "../api/client";
import { type Search, type Searched, useDialogSearch, useSearched } from "../api/search";
import { matching } from "./block-match";

type Block = Schemas["BlockAnswer"];

export interface Found {
  /** Those of the present text, also while the server searches for it. */
  blocks: Block[];
  search: Search;
  list: Searched<Block>;
  /** Whether it is not known yet what the server finds. */
  reading: boolean;
}

/** Searches the blocks that `project` may use. */
export function useBlockSearch(project: string): Found {
  const search = useDialogSearch();
  const list = useSearched<Block>("blocks?limit=25", search.search, (query) => ask(api.GET("/blocks", { params: { query: { limit: 25, ...query } } })), ({ internal_name }) => internal_name);
  const reading = !list.error && (list.items === undefined || list.searching || search.text.trim() !== search.search);
  return { blocks: matching((list.items ?? []).filter(({ projects }) => projects === null || projects.includes(project)), search.text), search, list, reading };
}
