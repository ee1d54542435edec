// The audit by what it is about and who did it, in pages.
import { api, ask } from "../api/client";
import { type Pages, usePages } from "../api/pages";
import { firstWithItems } from "../runs/first-with-items";
import type { Entry } from "./entry";

export const FILTERS = ["project", "environment", "hostname", "block", "by"] as const;
export type Filter = Partial<Record<(typeof FILTERS)[number], string>>;

const EVERY_MS = 10_000;

export function filterOf(query: URLSearchParams): Filter {
  const given = FILTERS.map((name) => [name, query.get(name)?.trim()]);
  return Object.fromEntries(given.filter(([, value]) => value)) as Filter;
}

/** The page that shows just these. */
export function auditPage(filter: Filter): string {
  const chosen = Object.entries(filter).filter(([, value]) => value);
  return `#/audit${chosen.length > 0 ? `?${new URLSearchParams(chosen as [string, string][]).toString()}` : ""}`;
}

/** Newest first. */
export function useAudit(filter: Filter): Pages<Entry> {
  const read = (cursor?: string) => ask(api.GET("/audit", { params: { query: { ...filter, ...(cursor && { cursor }) } } }));
  return usePages<Entry>(auditPage(filter).replace("#/", ""), (cursor) => firstWithItems(read, cursor), (entry) => entry.id, EVERY_MS);
}
