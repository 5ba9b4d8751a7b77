// Makes a folder and, where it can, a control group with a process in it that outlives its worker, says so, and waits to be killed.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupConfinement, openCgroups } from "../../../src/process/cgroup.ts";
import { ownMark } from "../../../src/process/marks.ts";
import { startLineWorker } from "../../../src/process/line-worker.ts";
import { temporaryFolder } from "../../../src/process/temporary.ts";

const { path } = await temporaryFolder("litter");
writeFileSync(join(path, "file"), "left\n");
const found = openCgroups();
const confinement = "place" in found ? cgroupConfinement(found.place, { memoryBytes: 2 ** 26, processes: 20 }) : undefined;
startLineWorker(
  {
    file: "sh",
    args: ["-c", confinement ? "head -c 1 <&3 >/dev/null; setsid sleep 600 & cat <&3" : "cat <&3"],
    env: { PATH: "/usr/bin:/bin" },
    cwd: "/",
    descriptors: ["lifeline", "answers"],
    ...(confinement ? { confinement } : {}),
  },
  { lineBytes: 100 },
);
process.stdout.write(JSON.stringify({ folder: path, mark: ownMark }));
