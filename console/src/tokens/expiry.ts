// When a token ends: what one chooses, and how near the end is.
export type Expiry = "never" | "30" | "90" | "date";

const DAY_MS = 86_400_000;
const SOON_DAYS = 7;

export const EXPIRIES: readonly { value: Expiry; label: string }[] = [
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "date", label: "On a date" },
  { value: "never", label: "Never" },
];

/** The time to send; null for never. `date` is what a datetime-local field holds; throws RangeError where that is none. */
export function endOf(expiry: Expiry, date: string, now: number): string | null {
  if (expiry === "never") return null;
  const at = expiry === "date" ? Date.parse(date) : now + Number(expiry) * DAY_MS;
  return new Date(at).toISOString();
}

export function nearness(expiresAt: string | null, now: number): "over" | "soon" | "far" {
  if (expiresAt === null) return "far";
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return "over";
  return left < SOON_DAYS * DAY_MS ? "soon" : "far";
}
