// The button under a list that goes on.
import { useSubmit } from "../api/submit";
import { Button } from "./button";
import { Refusal } from "./form";

export function More({ more, label = "Show more" }: { more: (() => Promise<void>) | null; label?: string }) {
  const submit = useSubmit();
  if (!more) return null;
  return (
    <div class="more">
      <Refusal error={submit.error} />
      <Button busy={submit.busy} onClick={() => void submit.run(more)}>{label}</Button>
    </div>
  );
}
