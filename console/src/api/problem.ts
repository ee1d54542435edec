// What the API answers when it refuses, as an error that forms and pages can show.
import type { components } from "./schema";

type Details = components["schemas"]["ProblemDetails"];

export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  /** What is wrong, by field, as the API names it (`run.cron`, `variables[0].name`). */
  readonly fields: ReadonlyMap<string, string>;
  readonly retryAfterSeconds: number | null;
  /** What was answered, of which this is what is left. */
  readonly whole: Problem;

  constructor(status: number, details: Partial<Details>, retryAfterSeconds: number | null = null, whole?: Problem) {
    super(details.detail ?? details.title ?? `The server answered ${status}`);
    this.status = status;
    this.title = details.title ?? "Something went wrong";
    this.fields = new Map((details.errors ?? []).map((one) => [one.field, one.message]));
    this.retryAfterSeconds = retryAfterSeconds;
    this.whole = whole ?? this;
  }

  /** The problem without the errors of a field, and of those `below` it; null where no other is left. */
  without(field: string, below: boolean): Problem | null {
    const errors = [...this.fields].map(([name, message]) => ({ field: name, message }));
    const left = errors.filter(({ field: name }) => name !== field && !(below && /^[.[]/.test(name.slice(field.length)) && name.startsWith(field)));
    if (left.length === errors.length) return this;
    return left.length === 0 ? null : new Problem(this.status, { title: this.title, detail: this.message, errors: left }, this.retryAfterSeconds, this.whole);
  }
}

/** The server did not answer at all. */
export class Unreachable extends Error {
  constructor() {
    super("The server can't be reached. Nothing was lost; try again.");
  }
}

export async function toProblem(response: Response, body: unknown): Promise<Problem> {
  const details = typeof body === "object" && body !== null ? (body as Partial<Details>) : {};
  const wait = Number(response.headers.get("Retry-After"));
  return new Problem(response.status, details, wait > 0 ? wait : null);
}
