// The HTTP API, typed by its own OpenAPI document. Addresses are relative to the page: a stage prefix comes before.
import { signal } from "@preact/signals";
import createClient from "openapi-fetch";

import { toProblem, Unreachable } from "./problem";
import type { components, paths } from "./schema";
import { signOut, token } from "./session";

export type Schemas = components["schemas"];

/** Whether the last request reached the server. */
export const connected = signal(true);

/** Calls `run` each time the connection returns, until the function that it returns is called. */
export function onReconnect(run: () => void): () => void {
  let before = connected.peek();
  return connected.subscribe((now) => {
    const returned = now && !before;
    before = now;
    if (returned) run();
  });
}

const NOT_ANY_MORE = "This token is not valid, or not any more: it was revoked or has expired. Sign in with another.";

export const api = createClient<paths>({
  baseUrl: new URL(".", location.href.split("#")[0]).href.replace(/\/$/, ""),
  fetch: reach,
});

api.use({
  onRequest({ request }) {
    if (token.value) request.headers.set("Authorization", `Bearer ${token.value}`);
    return request;
  },
  onResponse({ request, response }) {
    // What was asked with an earlier token says nothing about the present one.
    if (response.status === 401 && request.headers.get("Authorization") === `Bearer ${token.value}`) signOut(NOT_ANY_MORE);
  },
});

let asked = 0;

/** Asks whether the server is there, unless anything was asked of it so few milliseconds ago. */
export async function ping(unlessWithin = 0): Promise<void> {
  if (Date.now() - asked >= unlessWithin) await api.GET("/health").catch(() => undefined);
}

async function reach(request: Request): Promise<Response> {
  asked = Date.now();
  try {
    const response = await fetch(request);
    connected.value = true;
    return response;
  } catch (error) {
    if (request.signal.aborted) throw error;
    connected.value = false;
    throw new Unreachable();
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's body; throws Problem or Unreachable. */
export async function ask<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) return data as T;
  throw await toProblem(response, error);
}

/** The header for a change to just this version. */
export function ifMatch(version: number): { "If-Match": string } {
  return { "If-Match": `"${version}"` };
}
