import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * The time of a story: it goes on by minutes when it is told to, and between that a hundred times slower than this machine's, so that no story
 * depends on how fast it is. Both directions are exact, because PuppetDB itself has the machine's time.
 */
export class StoryTime {
  readonly #pieces = [{ real: Date.now(), story: Date.parse("2026-11-22T12:00:00Z") }];

  get #last(): { real: number; story: number } {
    return this.#pieces.at(-1) ?? { real: 0, story: 0 };
  }

  now(): number {
    return this.toStory(Date.now());
  }

  pass(minutes: number): void {
    const real = Date.now();
    this.#pieces.push({ real, story: this.toStory(real) + minutes * 60_000 });
  }

  toStory(real: number): number {
    const piece = this.#pieces.findLast((each) => each.real <= real) ?? this.#pieces[0] ?? this.#last;
    return piece.story + (real - piece.real) * slower;
  }

  /** Of a time that was passed over, the moment at which it was. */
  toReal(story: number): number {
    const at = this.#pieces.findLastIndex((each) => each.story <= story);
    const piece = this.#pieces[at];
    if (piece === undefined) return (this.#pieces[0]?.real ?? 0) - ((this.#pieces[0]?.story ?? 0) - story);
    return Math.min(piece.real + (story - piece.story) / slower, this.#pieces[at + 1]?.real ?? Number.POSITIVE_INFINITY);
  }
}

const slower = 0.01;

/** A door in front of a real PuppetDB: whoever asks through it has the story's time, and PuppetDB its own. Nothing else is changed. */
export async function openDoor(puppetDb: () => string, time: StoryTime): Promise<{ url: string; asked: string[]; close(): void }> {
  const asked: string[] = [];
  const ask = (body: string): string =>
    body.replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/gu, (_, text: string) =>
      JSON.stringify(new Date(time.toReal(Date.parse(text))).toISOString()),
    );
  const answer = (body: string): string =>
    body.replaceAll(
      /"(producer_timestamp|receive_time|server_time)"\s*:\s*"([^"]+)"/gu,
      (_, key: string, text: string) => `"${key}":"${new Date(time.toStory(Date.parse(text))).toISOString()}"`,
    );
  const door: Server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = ask(Buffer.concat(chunks).toString());
      fetch(`${puppetDb()}${request.url}`, {
        method: request.method ?? "GET",
        headers: { "content-type": "application/json" },
        ...(body.length > 0 && { body }),
      })
        .then(async (got) => response.writeHead(got.status).end(answer(await got.text())))
        .catch(() => request.socket.destroy());
    });
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  const close = (): void => {
    door.closeAllConnections();
    door.close();
  };
  return { url: `http://127.0.0.1:${(door.address() as AddressInfo).port}`, asked, close };
}
