// The frame of every page: the way back, one heading, the actions, and the window's title.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

export interface Crumb {
  label: string;
  href: string;
}

interface Props {
  title: string;
  crumbs?: readonly Crumb[];
  /** Beside the title: a state, a badge. */
  beside?: ComponentChildren;
  lead?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, crumbs = [], beside, lead, actions, children }: Props) {
  useEffect(() => {
    document.title = `${title} · KintoBlocks`;
  }, [title]);
  return (
    <>
      {crumbs.length > 0 && (
        <nav class="crumbs" aria-label="Breadcrumb">
          <ol>{crumbs.map((one) => <li key={one.href}><a href={one.href}>{one.label}</a></li>)}</ol>
        </nav>
      )}
      <header class="page-head">
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          {beside}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </>
  );
}

/** A part of a page with a heading of its own. */
export function Section({ title, actions, children }: { title: string; actions?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="section" aria-label={title}>
      <header>
        <h2>{title}</h2>
        {actions && <div class="actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
