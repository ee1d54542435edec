// The search above a list, and what is said where it finds nothing.
import type { ComponentChildren } from "preact";

import type { Search, Searched } from "../api/search";
import { Button } from "./button";
import { TextField } from "./field";
import { More } from "./more";
import { Empty } from "./states";

interface Props<T> {
  /** What is searched, in the plural: "KintoBlocks". */
  what: string;
  of: Search;
  list: Searched<T>;
}

export function SearchField<T>({ what, of, list }: Props<T>) {
  return (
    <form class="list-search" role="search" aria-label={what} onSubmit={(event) => (event.preventDefault(), of.onSubmit())}>
      <TextField label={`Search ${what}`} type="search" value={of.text} onInput={of.onInput} placeholder="Name" maxLength={200} />
      <p class="hint" role="status">{of.search && outcome(list)}</p>
    </form>
  );
}

function outcome<T>({ items, searching, more, error }: Searched<T>): ComponentChildren {
  if (searching || (!items && !error)) return <><span class="spinner" aria-hidden="true" /> Searching…</>;
  if (!items || items.length === 0) return "";
  return more ? `${items.length} found so far` : `${items.length} found`;
}

/** Instead of an empty list. `one`: what nothing of was found, in the singular. */
export function NoMatch<T>({ one, of, list, children }: { one: string; of: Search; list: Searched<T>; children?: ComponentChildren }) {
  return (
    <Empty title={`No ${one} matches “${of.search}”.`}>
      <p>{list.more ? "There are very many, and not all of them have been searched yet." : "The search looks for each word in the name and the internal name."}</p>
      {children ?? <Button onClick={() => of.onInput("")}>Clear the search</Button>}
    </Empty>
  );
}

/** The button under a list that goes on; a search may go on without finding anything. */
export function SearchMore<T>({ of, list }: { of: Search; list: Searched<T> }) {
  return <More more={list.searching ? null : list.more} label={of.search ? "Search further" : "Show more"} />;
}
