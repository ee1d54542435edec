// How flavors, source types and fields of blocks are called on the screen.
import type { Choice } from "../parts/field";
import type { Block, Flavor, SourceType } from "./draft";

export const FLAVORS: readonly { value: Flavor; label: string; hint: string }[] = [
  { value: "job", label: "Job", hint: "Runs to its end: before or after a deployment, or on a schedule. Migrations, back-ups, smoke tests, reports." },
  { value: "service", label: "Service", hint: "What is deployed between the jobs: its command brings the new version out, and the deployment waits for it." },
];

export const SOURCE_TYPES: readonly Choice<SourceType>[] = [
  { value: "dockerfile", label: "Docker File", hint: "Builds the Docker File in the source folder and runs the image." },
  { value: "image", label: "Image", hint: "Runs a published image; needs no repository." },
  { value: "command", label: "Command", hint: "Runs a command in the source folder, in the standard build image." },
];

export function flavorWord(flavor: Flavor): string {
  return FLAVORS.find(({ value }) => value === flavor)!.label;
}

export function sourceWord(type: SourceType): string {
  return SOURCE_TYPES.find(({ value }) => value === type)!.label;
}

/** Where a block comes from, in one line: its image, or its repository without what all addresses have. */
export function originOf({ source, repository }: Block): string {
  if (source.type === "image") return source.image;
  if (!repository) return "";
  const place = repository.url.replace(/^https:\/\//, "").replace(/\.git$/, "");
  return repository.source_folder ? `${place}/${repository.source_folder}` : place;
}

/** The fields of a block as the API names them, in the order of the forms. */
export const LABELS = {
  name: "Name",
  "repository.url": "Repository",
  "repository.branch": "Branch",
  "repository.source_folder": "Source Folder Path",
  "source.type": "Source Type",
  "source.dockerfile": "Docker File Path",
  "source.image": "Image",
  "source.command": "Command",
  "source.build": "Build",
  variables: "Variable",
  projects: "Projects",
};
