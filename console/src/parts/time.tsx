// Times: local and relative to read, UTC on hover and for machines.
import { useEffect, useState } from "preact/hooks";

/** The language of the console's sentences: a date in the browser's own would stand in the middle of them. */
export const LOCALE = "en-GB";

const now = () => Date.now();

/** Redraws the caller every `every` milliseconds; the present time. */
export function useNow(every: number): number {
  const [at, setAt] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return at;
}

/** "22 Nov 2026, 18:03:20" in the reader's zone; today's without the date. */
export function localTime(at: Date, today: Date = new Date()): string {
  const time = at.toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  if (at.toDateString() === today.toDateString()) return time;
  const year = at.getFullYear() === today.getFullYear() ? undefined : "numeric";
  return `${at.toLocaleDateString(LOCALE, { day: "numeric", month: "short", year })}, ${time}`;
}

/** "2026-11-22 17:03:20 UTC" */
export function utc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const UNITS: [seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [86400, "day"], [3600, "hour"], [60, "minute"], [1, "second"],
];
const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto", style: "short" });

/** "1,234" */
export function amount(number: number): string {
  return number.toLocaleString(LOCALE);
}

/** "5 min ago", "in 2 hr" */
export function ago(at: Date, present: number): string {
  const seconds = Math.round((at.getTime() - present) / 1000);
  if (Math.abs(seconds) < 5) return "now";
  const [size, unit] = UNITS.find(([least]) => Math.abs(seconds) >= least) ?? [1, "second"];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** "850 ms", "2.3 s", "1 min 05 s", "2 h 03 min"; the server's times are whole seconds, so that 0 is "< 1 s". */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (milliseconds <= 0) return "< 1 s";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)];
  if (minutes < 60) return `${minutes} min ${String(rest).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** A moment: relative (kept up to date) or as a local time; hover tells both and UTC. */
export function Time({ at, as = "relative" }: { at: string; as?: "relative" | "local" }) {
  const when = new Date(at);
  const present = useNow(as === "relative" ? 10_000 : 3_600_000);
  const text = as === "relative" ? ago(when, present) : localTime(when);
  return <time dateTime={at} title={`${localTime(when)}\n${utc(when)}`}>{text}</time>;
}

/** How long something took, or has taken so far. */
export function Took({ from, to }: { from: string | null; to: string | null }) {
  const present = useNow(to || !from ? 3_600_000 : 1000);
  if (!from) return <span class="faint">not started</span>;
  return <span class="number">{duration((to ? Date.parse(to) : Math.max(present, Date.parse(from))) - Date.parse(from))}</span>;
}
