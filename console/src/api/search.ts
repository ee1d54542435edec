// A list that is searched on the server: what is typed goes into the address once one pauses, so that Back and reload keep it.
import { useEffect, useRef, useState } from "preact/hooks";

import { changeParameters, query } from "../router";
import { gathered, type Page } from "./gathered";
import { type Pages, usePages } from "./pages";

const PAUSE_MS = 250;
const LONGEST = 200;

export interface Search {
  text: string;
  onInput: (text: string) => void;
  /** Searches at once, without waiting for a pause. */
  onSubmit: () => void;
  /** What the list shows is the result of; empty for all. */
  search: string;
}

/** What the server takes as a search: one line, not too long. */
export function searchable(text: string): string {
  return [...text.replace(/\p{Cc}+/gu, " ").trim()].slice(0, LONGEST).join("").trim();
}

/** The text in the field, and the search that it is after a pause. `kept`: where the search is kept. */
function useTyped(search: string, keep: (search: string) => void): Search {
  const [text, setText] = useState(search);
  const typed = useRef(search);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    // Changed by Back, or by a link: the field follows.
    if (search !== typed.current) setText((typed.current = search));
  }, [search]);
  function settle(to: string) {
    clearTimeout(timer.current);
    typed.current = searchable(to);
    keep(typed.current);
  }
  function onInput(to: string) {
    setText(to);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => settle(to), to ? PAUSE_MS : 0);
  }
  return { text, onInput, onSubmit: () => settle(text), search };
}

/** The search of a page, kept in its address. */
export function usePageSearch(): Search {
  const search = searchable(query.value.get("search") ?? "");
  return useTyped(search, (to) => changeParameters({ search: to || undefined }));
}

/** The search of a dialog, which has no address. */
export function useDialogSearch(): Search {
  const [search, setSearch] = useState("");
  return useTyped(search, setSearch);
}

export interface Searched<T> extends Pages<T> {
  /** Whether the items are still those of an earlier search. */
  searching: boolean;
}

interface Query {
  search?: string;
  cursor?: string;
}

/**
 * The list `name` (a key, perhaps with a query), or what a search finds in it. The items of the search before stay until
 * the next ones are there.
 */
export function useSearched<T>(name: string, search: string, load: (query: Query) => Promise<Page<T>>, id: (item: T) => string, every = 0): Searched<T> {
  const read = (cursor?: string) => load({ ...(search && { search }), ...(cursor && { cursor }) });
  const key = search ? `${name}${name.includes("?") ? "&" : "?"}${new URLSearchParams({ search }).toString()}` : name;
  const pages = usePages(key, search ? (cursor) => gathered(read, cursor) : read, id, search ? 0 : every);
  const before = useRef<T[] | undefined>(undefined);
  if (pages.items) before.current = pages.items;
  const searching = pages.items === undefined && pages.error === undefined;
  return { ...pages, items: pages.items ?? (searching ? before.current : undefined), searching: searching && before.current !== undefined };
}
