// Creating the block that the steps describe.
import { api, ask } from "../api/client";
import { Problem } from "../api/problem";
import { newBlock, repositoryErrors } from "./draft";
import type { NewDraft } from "./kept-draft";

/** The internal name of the created block; throws what was refused, by field. */
export async function createBlock(draft: NewDraft, idempotencyKey: string): Promise<string> {
  checkRepository(draft);
  const body = newBlock(draft, draft.internalName);
  try {
    return (await ask(api.POST("/blocks", { body, headers: { "Idempotency-Key": idempotencyKey } }))).internal_name;
  } catch (error) {
    throw atItsField(error);
  }
}

/** Throws what can be said of the repository before the server is asked. */
export function checkRepository(draft: NewDraft): void {
  const image = draft.source.type === "image";
  const errors = image && !draft.repository.url.trim() ? [] : repositoryErrors(draft);
  if (errors.length > 0) throw new Problem(422, { errors });
}

/** The one conflict that what was typed can have, told where it was typed: the internal name is taken. */
function atItsField(error: unknown): unknown {
  if (!(error instanceof Problem) || error.status !== 409 || !error.message.includes("internal name")) return error;
  return new Problem(409, { title: error.title, errors: [{ field: "internal_name", message: error.message }] });
}
