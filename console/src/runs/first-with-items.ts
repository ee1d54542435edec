// Filtered lists: a page may be empty though there is more; it is followed by the next by itself.

import { gathered, MOST_PAGES, type Page } from "../api/gathered";

export type { Page };

/** The page of a cursor, or the next one that holds something; after `most` empty ones an empty one that goes on. */
export async function firstWithItems<T>(load: (cursor?: string) => Promise<Page<T>>, cursor?: string, most = MOST_PAGES): Promise<Page<T>> {
  return gathered(load, cursor, 1, most);
}
