import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../src/process/run.ts";
import { temporaryFolder } from "../../src/process/temporary.ts";
import type { OpenFor } from "../../src/puppet/doctor/limits.ts";

/** What looks like a sandbox and holds nothing: commands run as they are, as an ordinary user, so that what gets out does no harm. */
export const naked: OpenFor = async () => ({
  worker: () => {
    throw new Error("not used");
  },
  run: async ({ command, files = {}, seconds, outputBytes }) => {
    const folder = await temporaryFolder("naked");
    try {
      await chmod(folder.path, 0o755);
      for (const [path, text] of Object.entries(files)) await writeFile(join(folder.path, path.replaceAll("/", "_")), text);
      const [file = "", ...args] = command.map((word) => (word in files ? join(folder.path, word.replaceAll("/", "_")) : word));
      return await run({
        file,
        args,
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", A_SECRET: "of this process" },
        cwd: "/",
        user: process.getuid?.() === 0 ? { uid: 60_500, gid: 60_500 } : null,
        // A bomb that nothing stops lasts as long as its children.
        seconds: command[0] === "sh" ? 2 : seconds,
        outputBytes,
      });
    } finally {
      await folder.remove();
    }
  },
});
