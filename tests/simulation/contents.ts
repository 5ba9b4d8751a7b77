/** What people write into the files of changes and of base: a table's words in the simulation, Puppet where that compiles. */
export interface Contents {
  /** What is there at the beginning, beside the policy. */
  begin: Readonly<Record<string, string>>;
  /** A file of its own that does something to the catalogs. */
  fine(name: string, n: number): Record<string, string>;
  /** One that does to the catalogs what base's data say. */
  reads(n: number): Record<string, string>;
  /** One that does not compile. */
  broken(n: number): Record<string, string>;
  /** One that nobody can judge. */
  riddle(n: number): Record<string, string>;
  /** The file that several change. */
  shared(what: string): Record<string, string>;
  /** What comes to base directly. */
  base(n: number): Record<string, string>;
  data(n: number): Record<string, string>;
}

/** What base's data are in. */
export const dataPath = "data/common.yaml";

export const tableContents: Contents = {
  begin: { [dataPath]: "level: 1\n", "site.pp": "node default { }\n", "shared.pp": "class shared { }\n" },
  fine: (name, n) => ({ [`site/${name}${n}.pp`]: `fine ${n}\n` }),
  reads: (n) => ({ [`reads/r${n}.pp`]: `reads the data ${n}\n` }),
  broken: (n) => ({ [`site/b${n}.pp`]: `broken ${n}\n` }),
  riddle: (n) => ({ [`site/q${n}.pp`]: `riddle ${n}\n` }),
  shared: (what) => ({ "shared.pp": `class shared { } # ${what}\n` }),
  base: (n) => ({ [`base/b${n}.pp`]: `base ${n}\n` }),
  data: (n) => ({ [dataPath]: `level: ${n}\n` }),
};
