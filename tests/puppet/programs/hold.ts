// Starts something endless in a sandbox over the folder it is given, and waits to be killed.
import { openSandbox } from "../../../src/puppet/sandbox.ts";

const sandbox = await openSandbox([{ folder: process.argv[2] ?? "", at: "/srv/tree" }]);
await sandbox.run({ command: ["sh", "-c", "setsid sleep 600 & sleep 600"], seconds: 600, outputBytes: 100 });
