import type { TreeEntry } from "./repository.ts";

/** Modules that a Puppetfile names: what the engine needs of whoever reads it, and of whoever fetches them. */

/** What a Puppetfile asks for, as far as that can be seen without running it. */
export interface PuppetfileModules {
  /** The address of the forge that it names; null where it names none. */
  forge: string | null;
  modules: readonly WantedModule[];
  /** Lines that only running it would explain. */
  notUnderstood: ReadonlyArray<{ line: number; text: string }>;
}

/** A module that a Puppetfile asks for. */
export interface WantedModule {
  /** Its folder's name: `stdlib` of `puppetlabs/stdlib`. */
  name: string;
  /** As written. */
  title: string;
  line: number;
  /** The module folder it is installed into, relative to the repository. */
  folder: string;
  source: ModuleSource;
}

export type ModuleSource =
  /** `version` null is the newest. */
  | { kind: "forge"; slug: string; version: string | null }
  /** `point` null is the default branch. */
  | { kind: "git"; url: string; point: { kind: "commit" | "tag" | "branch" | "ref"; name: string } | null }
  /** It lies in the tree. */
  | { kind: "tree" }
  | { kind: "unknown"; why: string };

export type ResolvedModule =
  | {
      ok: true;
      /** The same for the same content: a commit, or a release of a forge. */
      id: string;
      /** For people: `v1.2.0 (4f0c2a91b7)`. */
      version: string;
      /** A folder of this machine that holds the module's own, which has its name. Nobody changes it any more. */
      folder: string;
      /** Paths relative to the module; submodules too (mode `160000`), whose content nobody fetches. */
      files: readonly TreeEntry[];
      /** Whether the same words may mean another content tomorrow. */
      moves: boolean;
    }
  | {
      ok: false;
      text: string;
      hint: string;
      /** Present where no branch or tag has the commit. */
      unpublished?: true;
      /** Present where the next try may have it, without anybody's doing: its host was away. */
      passing?: true;
    };

/** What became of a module's history between two commits. */
export interface ModuleHistory {
  /** Commits that the new one has and the old one has not, and the reverse. */
  ahead: number;
  behind: number;
  /** First lines of the newest messages. */
  subjects: readonly string[];
}

/** Gets modules that a Puppetfile names from where it names them, into a folder of this machine that no change can reach. */
export interface ModuleResolver {
  /** `sources` are patterns of addresses that may be asked. */
  resolve(wanted: WantedModule, forge: string | null, sources: readonly string[]): Promise<ResolvedModule>;
  /** Null where it is no git repository. */
  history(source: ModuleSource, from: string, to: string): Promise<ModuleHistory | null>;
  /** A regular file of a resolved module; null where it is too large to read. */
  read(module: { folder: string }, path: string): Promise<Buffer | null>;
}
