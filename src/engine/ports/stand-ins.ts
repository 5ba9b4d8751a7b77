/** A resource that a node exports, as PuppetDB stores it. */
export interface ExportedResource {
  certname: string;
  type: string;
  title: string;
  tags: readonly string[];
  parameters: Readonly<Record<string, unknown>>;
}

/**
 * What stands in for the private things of a site. Paths are absolute, as a server has them. A null `exported` says that nobody knows what
 * other nodes export.
 */
export interface StandIns {
  files: ReadonlyArray<{ path: string; content: Buffer }>;
  dns: Readonly<Record<string, ReadonlyArray<{ type: string; value: string }>>>;
  queries: ReadonlyArray<{ query: unknown; result: unknown }>;
  exported: readonly ExportedResource[] | null;
  /** Digest of everything in it. */
  id: string;
}
