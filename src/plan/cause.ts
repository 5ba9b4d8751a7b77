/** Why a node has to be compiled: one input that differs, and words for it. */
export interface Cause {
  kind: "fleet" | "node" | "data" | "class" | "define" | "function" | "type" | "template" | "file" | "folder";
  /** Of what differs: the key, the class, the function, the path. */
  name: string;
  /** The file that differs, as a person knows it; null where it is more than one, or none. */
  path: string | null;
  /** "hiera key profile::nginx::workers in data/role/web.yaml". */
  text: string;
}

export type Kind = Cause["kind"];

const noun: Readonly<Record<Kind, string>> = {
  fleet: "",
  node: "node statement",
  data: "hiera key",
  class: "class",
  define: "define",
  function: "function",
  type: "data type",
  template: "template",
  file: "file",
  folder: "folder",
};

export const fleetCause = (text: string, path: string | null = null): Cause => ({ kind: "fleet", name: path ?? "", path, text });

export const nodeCause = (name: string, path: string): Cause => ({ kind: "node", name, path, text: `node statement ${name} in ${path}` });

/** Which of them matches first is another matter now. */
export const orderCause = (path: string): Cause => ({
  kind: "node",
  name: path,
  path,
  text: `node statements by regular expression in ${path}`,
});

export const keyCause = (key: string, path: string): Cause => ({ kind: "data", name: key, path, text: `hiera key ${key} in ${path}` });

/** Of a data file of which nobody knows which keys changed. */
export const dataCause = (path: string): Cause => ({ kind: "data", name: path, path, text: `hiera data in ${path}` });

/** Something with a name of its own, and the file that it is in: `class profile::nginx (site/profile/manifests/nginx.pp)`. */
export const namedCause = (
  kind: "class" | "define" | "function" | "type",
  name: string,
  path: string,
  by: string | null = null,
): Cause => ({
  kind,
  name,
  path,
  text: `${noun[kind]} ${name} (${by === null ? path : `${path}, which names ${by}`})`,
});

export const fileCause = (path: string, by: string | null = null): Cause => {
  const kind = /(?:^|\/)templates\//u.test(path) || /\.(?:epp|erb)$/u.test(path) ? "template" : "file";
  return { kind, name: path, path, text: `${noun[kind]} ${path}${by === null ? "" : `, which names ${by}`}` };
};

export const folderCause = (folder: string, path: string): Cause => ({
  kind: "folder",
  name: folder,
  path,
  text: `folder ${folder}, in which ${path} came or went`,
});
