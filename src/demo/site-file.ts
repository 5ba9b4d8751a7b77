import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../process/run.ts";

/** The site's own file: two compilers in folders of their own, each deployed by a script as r10k would do it, and agents that leave their reports in a folder. */
export interface SiteFile {
  file: string;
  reports: string;
  /** Where a compiler has its environments. */
  code: string;
  /** Both deploy an environment, as somebody did before there was a gate. */
  deploy(environment: string): Promise<void>;
}

/** @param url of the control repo, with a token in it that may read it */
export async function writeSiteFile(folder: string, { repository, url }: { repository: string; url: string }): Promise<SiteFile> {
  const script = join(folder, "deploy.sh");
  await writeFile(
    script,
    `set -eu
mkdir -p "$1"
rm -rf "$1/$2.new"
git clone --quiet --depth 1 --branch "$2" '${url}' "$1/$2.new"
commit=$(git -C "$1/$2.new" rev-parse HEAD)
rm -rf "$1/$2"
mv "$1/$2.new" "$1/$2"
printf '{"name":"%s","signature":"%s","deploy_success":true,"module_deploys":[]}' "$2" "$commit" > "$1/$2/.r10k-deploy.json"
`,
    { mode: 0o700 },
  );
  const reports = join(folder, "reports");
  await mkdir(reports);
  const names = ["puppet1", "puppet2"];
  const compilers = names.map(
    (compiler) =>
      `  - { name: ${compiler}, deploy: [/bin/sh, ${JSON.stringify(script)}, ${JSON.stringify(join(folder, compiler))}, "{environment}"], ` +
      `served: { folder: ${JSON.stringify(join(folder, compiler, "{environment}"))} } }\n`,
  );
  const file = join(folder, "rollout.yaml");
  await writeFile(
    file,
    `version: 1\nrepository: ${repository}\nreports: { folder: ${JSON.stringify(reports)} }\ncompilers:\n${compilers.join("")}`,
  );
  await chmod(file, 0o600);
  const env = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", HOME: folder };
  return {
    file,
    reports,
    code: join(folder, "puppet1"),
    deploy: async (environment) => {
      for (const compiler of names) {
        const args = [script, join(folder, compiler), environment];
        const { ok, stderr } = await run({ file: "/bin/sh", args, cwd: folder, env, seconds: 60, outputBytes: 1 << 20 });
        if (!ok) throw new Error(`${environment} could not be deployed: ${stderr}`);
      }
    },
  };
}
