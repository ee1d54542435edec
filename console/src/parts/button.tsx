// Buttons: one look for each weight, and a busy one that can't be pressed twice.
import type { ComponentChildren, JSX } from "preact";

import { Icon, type IconName } from "./icon";

interface Props extends Omit<JSX.IntrinsicElements["button"], "icon"> {
  kind?: "primary" | "plain" | "quiet" | "danger";
  busy?: boolean;
  icon?: IconName;
  children?: ComponentChildren;
}

export function Button({ kind = "plain", busy = false, icon, children, disabled, class: more, ...rest }: Props) {
  return (
    <button type="button" {...rest} class={`button ${kind} ${more ?? ""}`} disabled={disabled} aria-busy={busy} aria-disabled={busy}>
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children && <span>{children}</span>}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink(props: { href: string; kind?: "primary" | "plain" | "quiet"; icon?: IconName; children: ComponentChildren }) {
  return (
    <a class={`button ${props.kind ?? "plain"}`} href={props.href}>
      {props.icon && <Icon name={props.icon} />}
      <span>{props.children}</span>
    </a>
  );
}
