import { spawn } from "node:child_process";

const reaped = new Set<string>();

/**
 * Has all paths that begin so removed once this process is gone, however it ended: a shell of its own session waits for the other end
 * of its pipe to close, which the kernel does. What this process removes itself is not missed. Of control groups (below /sys), the processes
 * in them are ended first: one whose sandbox was not yet bound to its parent's life is still there.
 */
export function reap(prefix: string): void {
  if (reaped.has(prefix)) return;
  reaped.add(prefix);
  const child = spawn("/bin/sh", ["-c", script, "puppet-gate-reaper", prefix], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // It may die too, and then this process does without: the error is of the pipe alone.
  child.on("error", () => {});
  child.stdin.on("error", () => {});
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
}

const script = `cat >/dev/null
tries=0
while [ $tries -lt 100 ]; do
  left=
  for path in "$1"*; do
    case $path in
      /sys/*)
        if [ -e "$path/cgroup.procs" ]; then while read -r pid; do kill -9 "$pid"; done <"$path/cgroup.procs"; fi
        rmdir "$path"
        ;;
      *) rm -rf -- "$path" ;;
    esac
    if [ -e "$path" ]; then left=yes; fi
  done
  if [ -z "$left" ]; then exit 0; fi
  tries=$((tries + 1))
  sleep 0.1
done`;
