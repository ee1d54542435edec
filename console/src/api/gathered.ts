// Filtered lists: a page may be short or empty though there is more; the next ones are read by themselves.

// So many pages are read at once, before one is asked whether to go on.
export const MOST_PAGES = 10;

export interface Page<T> {
  items: T[];
  next: string | null;
}

/** The pages from a cursor on as one, until it has `enough` items, none follows or `most` were read. */
export async function gathered<T>(load: (cursor?: string) => Promise<Page<T>>, cursor?: string, enough = 25, most = MOST_PAGES): Promise<Page<T>> {
  let { items, next } = await load(cursor);
  for (let read = 1; items.length < enough && next !== null && read < most; read++) {
    const page = await load(next);
    items = [...items, ...page.items];
    next = page.next;
  }
  return { items, next };
}
