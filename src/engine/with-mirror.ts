import type { GateMirror, OpenMirror } from "./ports/mirror.ts";
import type { Origin } from "../gate/event.ts";

export async function withMirror<T>(openMirror: OpenMirror, origin: Origin, work: (mirror: GateMirror) => Promise<T>): Promise<T> {
  const mirror = await openMirror(origin);
  try {
    return await work(mirror);
  } finally {
    await mirror.close();
  }
}
