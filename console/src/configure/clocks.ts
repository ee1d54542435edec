// Moments as the clocks of a zone show them.
import { LOCALE } from "../parts/time";

const FIELDS = { weekday: "short", day: "2-digit", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

/** "Mon, 23 Nov 2026, 09:00"; the moment in UTC where the browser does not know the zone. */
export function wallTime(moment: string, zone: string): string {
  try {
    return new Date(moment).toLocaleString(LOCALE, { ...FIELDS, timeZone: zone });
  } catch {
    return new Date(moment).toLocaleString(LOCALE, { ...FIELDS, timeZone: "UTC", timeZoneName: "short" });
  }
}
