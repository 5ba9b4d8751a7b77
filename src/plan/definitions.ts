/**
 * One definition of a manifest, or what stands outside all of them (`other`, in order, its name is of no matter). The digest is that of its
 * syntax without places and comments: the same digest, the same effect. Names as they are written, in full: `profile::nginx`. A node block
 * gives one for each of its matches, in order: `web01.example.com`, `default`, `/^web/`.
 */
export interface Definition {
  kind: "class" | "define" | "function" | "type" | "node" | "plan" | "other";
  name: string;
  digest: string;
}

/** What a manifest of one side defines; null where nobody knows, or it does not parse. Never asked for a file that the side does not have. */
export type Definitions = (side: "before" | "after", path: string) => readonly Definition[] | null;
