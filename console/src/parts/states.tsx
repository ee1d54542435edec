// What stands where there is nothing to show yet, nothing at all, or an error.
import type { ComponentChildren } from "preact";

import { Problem } from "../api/problem";
import { Button } from "./button";
import { sentence } from "./form";

export function Loading({ what = "Loading" }: { what?: string }) {
  return (
    <div class="loading" role="status">
      <span class="spinner" aria-hidden="true" /> {what}…
    </div>
  );
}

/** Nothing here: says why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const title = error instanceof Problem ? error.title : "No answer";
  return (
    <div class="notice bad" role="alert">
      <p><strong>{title}.</strong> {sentence(error.message)}</p>
      {retry && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

interface ShownProps<T> {
  of: { data: T | undefined; error: Error | undefined; refresh: () => void };
  children: (data: T) => ComponentChildren;
}

/** A resource: its content as soon as there is any, which stays while it is read again or can't be. */
export function Shown<T>({ of, children }: ShownProps<T>) {
  const gone = of.error instanceof Problem && (of.error.status === 404 || of.error.status === 403);
  if (of.error && (gone || of.data === undefined)) return <Failure error={of.error} retry={gone ? undefined : of.refresh} />;
  if (of.data === undefined) return <Loading />;
  return <>{children(of.data)}</>;
}
