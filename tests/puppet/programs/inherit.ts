// Lists the descriptors that are open in a sandbox started by this process, which inherited some of its own across exec.
import { openSandbox } from "../../../src/puppet/sandbox.ts";

const sandbox = await openSandbox([]);
const result = await sandbox.run({
  command: ["ruby", "--disable=gems", "-e", "p (0..1023).select { |fd| IO.for_fd(fd, autoclose: false) rescue false }"],
  seconds: 30,
  outputBytes: 4096,
});
process.stdout.write(`${process.getuid?.()} ${result.stdout.toString()}${result.stderr}`);
