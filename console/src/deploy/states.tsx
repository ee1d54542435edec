// The state of an environment, and of one of its deployments: a word, or a sentence where a word would mislead.
import { Badge, Status, StatusSentence } from "../parts/status";
import { liveDespite, standing, type Standing } from "./live";
import type { Brief } from "./progress";

export function EnvironmentState({ of }: { of: Standing }) {
  const words = standing(of);
  return words ? <StatusSentence status={of.status} words={words} /> : <Status status={of.status} />;
}

export function DeploymentState({ of: { status }, live }: { of: Pick<Brief, "status">; live: boolean }) {
  const words = live ? liveDespite(status) : null;
  if (words) return <StatusSentence status={status} words={words} />;
  return <><Status status={status} />{live && <Badge>LIVE</Badge>}</>;
}
