import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Problem } from "../../problem.ts";
import { inventoryOf, sampleNodes } from "./fleet.ts";
import { textFile, type TreeFile } from "./history.ts";

/** The parts that the sample control repo is made of, as paths with content. */
export type Files = ReadonlyMap<string, TreeFile>;

const ownFiles = join(import.meta.dirname, "files");

/** Where Debian's packages `puppet-module-…` put modules; `src/setup.mjs` installs those that are named here. */
const packagedModules = "/usr/share/puppet/modules.available";
const vendored = [
  { folder: "puppetlabs-stdlib", module: "stdlib" },
  { folder: "puppetlabs-concat", module: "concat" },
  { folder: "puppetlabs-apache", module: "apache" },
  { folder: "puppetlabs-ntp", module: "ntp" },
  { folder: "saz-ssh", module: "ssh" },
];
/** Of a module, what a compile never reads. */
const leftOut = new Set(["spec", "Gemfile", "Rakefile", "locales", "examples"]);

/** Roles, profiles, data and policy: the files of `files/`. */
export const ownTree = (): Files => readFolder(ownFiles, "");

/** One inventory record a node. */
export const factFiles = (): Files =>
  new Map(sampleNodes().map((node) => [`facts/${node.certname}.json`, textFile(`${JSON.stringify(inventoryOf(node), null, 2)}\n`)]));

/** The modules as Debian packages them, under the names that Puppet wants. Throws a Problem when a package is missing. */
export function vendoredModules(): Files {
  const files = new Map<string, TreeFile>();
  for (const { folder, module } of vendored) {
    for (const [path, file] of readModule(folder, module)) files.set(path, file);
  }
  return files;
}

function readModule(folder: string, module: string): Files {
  try {
    return readFolder(join(packagedModules, folder), `modules/${module}/`);
  } catch (cause) {
    throw new Problem(
      {
        code: "sample-module-missing",
        text: `The sample control repo vendors ${folder}, and ${join(packagedModules, folder)} can't be read.`,
        hint: `Run npm run -s setup, or install the Debian package puppet-module-${folder}.`,
      },
      { cause },
    );
  }
}

/** Regular files below a folder, in the order of their paths; links are not followed. */
function readFolder(folder: string, prefix: string): Files {
  const files = new Map<string, TreeFile>();
  const visit = (current: string): void => {
    for (const entry of readdirSync(current, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (current === folder && leftOut.has(entry.name)) continue;
      const path = join(current, entry.name);
      if (entry.isDirectory()) visit(path);
      // Which of them may be run is no matter of the sample: modes differ between a clone and a package.
      else if (entry.isFile()) files.set(`${prefix}${relative(folder, path)}`, { mode: "file", content: readFileSync(path) });
    }
  };
  visit(folder);
  return files;
}
