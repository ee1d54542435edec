// The usual limits of a run in words: time-outs, memory and the machine it needs, how long is waited between attempts.
export const TIMEOUTS = [300, 600, 900, 1800, 3600, 7200, 10800, 14400, 18000, 43200, 86400];
export const MEMORY = [128, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 7168, 15360, 30720, 73728, 147456];

const MACHINES: [upToMb: number, type: string][] = [
  [3072, "SMALL"], [7168, "MEDIUM"], [15360, "LARGE"], [73728, "XLARGE"], [147456, "2XLARGE"],
];
const MOST_WAIT_SECONDS = 3600;

/** "5 minutes", "1 hour", "90 seconds" */
export function span(seconds: number): string {
  if (seconds >= 3600 && seconds % 3600 === 0) return counted(seconds / 3600, "hour");
  if (seconds >= 60 && seconds % 60 === 0) return counted(seconds / 60, "minute");
  return counted(seconds, "second");
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** "512 MB", "1.5 GB" */
export function megabytes(mb: number): string {
  return mb < 1024 ? `${mb} MB` : `${Number((mb / 1024).toFixed(2))} GB`;
}

/** The CodeBuild compute type that holds so much; null where none does. */
export function machine(mb: number): string | null {
  return MACHINES.find(([upTo]) => mb <= upTo)?.[1] ?? null;
}

/** The waits before each further attempt, in seconds: doubled each time, an hour at most. */
export function waits(retries: number, backoffSeconds: number): number[] {
  return Array.from({ length: retries }, (_, i) => Math.min(MOST_WAIT_SECONDS, backoffSeconds * 2 ** i));
}
