// Roles and limits of tokens, in words.
import type { Schemas } from "../api/client";

export type Token = Schemas["TokenAnswer"];
export type Role = Token["role"];

export const ROLES: readonly { value: Role; label: string; hint: string }[] = [
  { value: "viewer", label: "Viewer", hint: "Reads everything but secrets: projects, runs, logs." },
  { value: "deployer", label: "Deployer", hint: "And deploys, rolls back, runs, cancels, pauses, shuts down." },
  { value: "admin", label: "Admin", hint: "And creates, configures and deletes; reads the audit." },
];

/** "a viewer", "an admin" */
export function aRole(role: string): string {
  return `${/^[aeiou]/.test(role) ? "an" : "a"} ${role}`;
}

/** "a viewer of all projects", "an admin, limited to shop and web" */
export function inWords({ role, projects }: Pick<Token, "role" | "projects">): string {
  return projects === null ? `${aRole(role)} of all projects` : `${aRole(role)}, limited to ${list(projects)}`;
}

export function list(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)!}`;
}
