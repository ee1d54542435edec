// The three ways to say which code of a repository is meant.
export type RefKind = "branch" | "tag" | "commit";

export const REFS: Record<RefKind, { label: string; placeholder: string; hint: string }> = {
  branch: { label: "Branch", placeholder: "main", hint: "Its head, looked up anew at each deployment." },
  tag: { label: "Tag", placeholder: "v1.4.2", hint: "Looked up anew at each deployment." },
  commit: { label: "Commit", placeholder: "40 hexadecimal digits", hint: "The full id; always just this code." },
};
