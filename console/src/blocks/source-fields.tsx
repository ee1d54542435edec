// Source Type, and the fields that each type has.
import type { Submit } from "../api/submit";
import { Choices, TextArea, TextField } from "../parts/field";
import type { BlockDraft } from "./draft";
import { SOURCE_TYPES } from "./words";

export const SOURCE_FIELDS = ["source", "source.type", "source.dockerfile", "source.image", "source.command", "source.build"];

interface Props {
  draft: BlockDraft;
  change: (changes: Partial<BlockDraft>) => void;
  submit: Submit;
}

export function SourceFields({ draft, change, submit }: Props) {
  const { source, flavor } = draft;
  const set = (changes: Partial<typeof source>) => change({ source: { ...source, ...changes } });
  const needed = source.type === "command" || flavor === "service";
  return (
    <>
      <Choices label="Source Type" choices={SOURCE_TYPES} value={source.type} onInput={(type) => set({ type })} {...submit.at("source.type", "source")} />
      {source.type === "dockerfile" && (
        <TextField label="Docker File Path" class="mono" value={source.dockerfile} onInput={(dockerfile) => set({ dockerfile })} placeholder="Dockerfile"
          {...submit.at("source.dockerfile")} hint="Within the source folder." />
      )}
      {source.type === "image" && (
        <TextField label="Image" class="mono" value={source.image} onInput={(image) => set({ image })} placeholder="public.ecr.aws/docker/library/alpine:3.20"
          {...submit.at("source.image")} hint="With its tag or digest." />
      )}
      {source.type === "command" && (
        <TextArea label="Build" optional rows={2} value={source.build} onInput={(build) => set({ build })} placeholder="npm ci"
          {...submit.at("source.build")} hint="What runs before the command, in the same folder." />
      )}
      <TextArea label="Command" optional={!needed} required={needed} rows={2} value={source.command} onInput={(command) => set({ command })} placeholder={PLACEHOLDERS[source.type]}
        {...submit.at("source.command")} hint={commandHint(draft)} />
    </>
  );
}

const PLACEHOLDERS = { command: "npm run migrate", dockerfile: "./migrate --all", image: "echo hello" };

function commandHint({ flavor, source }: BlockDraft): string {
  if (flavor === "service") return "The command that deploys the service. Exit code 0 says that it is out.";
  if (source.type === "command") return "Exit code 0 says that the job succeeded.";
  return "In place of the image's own command.";
}
