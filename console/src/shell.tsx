// The sidebar, and the bar that says when the server can't be reached.
import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { connected, onReconnect, ping } from "./api/client";
import { may, me } from "./api/me";
import { signOut } from "./api/session";
import { Button } from "./parts/button";
import { Icon, type IconName } from "./parts/icon";
import { announce } from "./parts/toast";
import { href, path } from "./router";
import "./styles/administration.css";
import { inWords } from "./tokens/roles";

type Entry = [label: string, icon: IconName, ...names: string[]];
const WORK: Entry[] = [
  ["Home", "home"],
  ["Projects", "projects", "projects"],
  ["KintoBlocks", "blocks", "blocks"],
];
const OF_THE_STACK: Entry[] = [
  ["Credentials", "lock", "credentials"],
  ["Tokens", "key", "tokens"],
];
const AUDIT: Entry = ["Audit", "audit", "audit"];

const open = signal(false);

export function Sidebar() {
  useEffect(() => {
    open.value = false;
  }, [path.value]);
  return (
    <aside class={open.value ? "sidebar open" : "sidebar"}>
      <div class="brand">
        {/* For the mouse: by keyboard and screen reader it would be a second Home that is called like the list of blocks. */}
        <a href="#/" aria-hidden="true" tabIndex={-1}><Mark /> KintoBlocks</a>
        <Button kind="quiet" icon={open.value ? "close" : "menu"} class="burger" aria-label="Menu"
          aria-expanded={open.value} aria-controls="menu" onClick={() => (open.value = !open.value)} />
      </div>
      <nav id="menu" aria-label="Main">
        <ul>{WORK.map(entry)}</ul>
        <ul class="low">
          {may("admin", "stack") && OF_THE_STACK.map(entry)}
          {may("admin") && entry(AUDIT)}
        </ul>
        <ThemeSwitch />
        <SignedIn />
        <Button kind="quiet" icon="out" onClick={() => signOut()}>Sign out</Button>
      </nav>
    </aside>
  );
}

function SignedIn() {
  const who = me.value;
  if (!who) return null;
  return (
    <div class="signed-in" role="group" aria-label="Signed in">
      <strong class="signed-in-name">{who.name}</strong>
      <span class="soft">{inWords(who)}</span>
    </div>
  );
}

function entry([label, icon, ...names]: Entry) {
  const to = href(...names);
  const here = names.length === 0 ? path.value === "/" : path.value.startsWith(`/${names[0]}`) || (names[0] === "projects" && path.value.startsWith("/runs"));
  return (
    <li key={label}>
      <a href={to} aria-current={here ? "page" : undefined}><Icon name={icon} /> {label}</a>
    </li>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="3" y="3" width="12" height="12" rx="3" /><rect x="3" y="17" width="12" height="12" rx="3" opacity=".5" />
      <path d="M18 15 27 4M18 17l9 11" />
    </svg>
  );
}

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const theme = signal<Theme>((localStorage.getItem("kintoblocks.theme") as Theme | null) ?? "system");
theme.subscribe((chosen) => {
  document.documentElement.style.colorScheme = chosen === "system" ? "" : chosen;
  localStorage.setItem("kintoblocks.theme", chosen);
});

function ThemeSwitch() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!;
  return (
    <Button kind="quiet" icon="sun" onClick={() => (theme.value = next)} aria-label={`Theme: ${theme.value}. Change to ${next}`}>
      {`Theme: ${theme.value}`}
    </Button>
  );
}

// Pages that read seldom, or never, hear of it as well, both of the loss and of its end.
const LOOKED_MS = 1000;
const QUIET_MS = 8000;
const LOST_MS = 3000;

function useHeartbeat(): void {
  useEffect(() => {
    const gone = () => void ping();
    const timer = setInterval(() => document.hidden || void ping(connected.peek() ? QUIET_MS : LOST_MS), LOOKED_MS);
    addEventListener("offline", gone);
    return () => {
      clearInterval(timer);
      removeEventListener("offline", gone);
    };
  }, []);
}

export function ConnectionBar() {
  const withdraw = useRef<(() => void) | null>(null);
  useHeartbeat();
  useEffect(() => onReconnect(() => (withdraw.current = announce("Connected again"))), []);
  // Before it is painted: both would contradict each other.
  useLayoutEffect(() => void (connected.value || withdraw.current?.()), [connected.value]);
  if (connected.value) return null;
  return (
    <div class="connection" role="alert">
      <span class="spinner" aria-hidden="true" /> The connection is lost; what you see may be old. Trying again…
    </div>
  );
}
