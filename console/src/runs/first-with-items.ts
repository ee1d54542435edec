// Filtered lists: a page may be empty though there is more; it is followed by the next by itself.

// So many empty pages are skipped at once, before one is asked whether to search on.
const MOST_EMPTY = 10;

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** The page of a cursor, or the next one that holds something; after `most` empty ones an empty one that goes on. */
export async function firstWithItems<T>(load: (cursor?: string) => Promise<Page<T>>, cursor?: string, most = MOST_EMPTY): Promise<Page<T>> {
  let page = await load(cursor);
  for (let empty = 1; !page.items.length && page.next !== null && empty < most; empty++) page = await load(page.next);
  return page;
}
