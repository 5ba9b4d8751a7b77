import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";

/**
 * A real Chromium, spoken to over a pipe by its DevTools protocol (chromedevtools.github.io/devtools-protocol): messages are JSON, each ended by
 * NUL, ours on file descriptor 3 and its on 4. Nothing listens on any port.
 */
export interface Browser {
  /** Opens a page, a file or an address, in a tab of its own. */
  open(place: string, options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

interface PageOptions {
  width?: number;
  script?: boolean;
  dark?: boolean;
  /** As on paper. */
  print?: boolean;
  /** For who wants nothing to move. */
  still?: boolean;
}

export interface Page {
  /** Milliseconds until the page was loaded. */
  loaded: number;
  /** Runs an expression in the page; what it gives has to be JSON. */
  run(expression: string): Promise<unknown>;
  /** Everything that was said on the console or thrown, by the page or the browser. */
  complaints: string[];
  /** Addresses of everything that was asked for, but for the page itself. */
  requests: string[];
  key(name: string): Promise<void>;
  /** The whole page as a PNG, or a part of it, in pixels. */
  picture(part?: { top: number; height: number }): Promise<Buffer>;
  /** Runs an expression again and again until it gives something true, ten seconds at most; a page that loads meanwhile is no error. */
  until(expression: string): Promise<void>;
}

type Message = { id?: number; sessionId?: string; method?: string; params?: Record<string, unknown>; result?: unknown; error?: unknown };

export async function startChromium(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), "puppet-gate-chromium-"));
  // Its own sandbox needs rights that a test has not everywhere; it shows nothing but our own pages, without any network.
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-pipe"];
  const child = spawn("chromium", [...flags, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const wire = new Wire(child.stdio[3] as Writable, child.stdio[4] as Readable);
  return {
    open: (place, options = {}) => openPage(wire, place, options),
    close: async () => {
      await wire.send("Browser.close");
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

class Wire {
  readonly #into: Writable;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  readonly #listeners: Array<(message: Message) => void> = [];
  #last = 0;

  constructor(into: Writable, from: Readable) {
    this.#into = into;
    let rest = "";
    from.setEncoding("utf8").on("data", (chunk: string) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop() ?? "";
      for (const text of messages) this.#hear(JSON.parse(text) as Message);
    });
  }

  send<T = unknown>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = (this.#last += 1);
    this.#into.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    return new Promise<T>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  onMessage(listener: (message: Message) => void): void {
    this.#listeners.push(listener);
  }

  #hear(message: Message): void {
    for (const listener of this.#listeners) listener(message);
    if (message.id === undefined) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result as never);
    else waiting?.reject(new Error(JSON.stringify(message.error)));
  }
}

async function openPage(
  wire: Wire,
  place: string,
  { width = 1280, script = true, dark = false, print = false, still = false }: PageOptions,
): Promise<Page> {
  const { targetId } = await wire.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await wire.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
  const send = <T>(method: string, params: object = {}): Promise<T> => wire.send<T>(method, params, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  const url = /^https?:/u.test(place) ? place : pathToFileURL(place).href;
  const loaded = new Promise<void>((resolve) => {
    wire.onMessage((message) => {
      if (message.sessionId !== sessionId) return;
      const { method, params = {} } = message;
      if (method === "Page.loadEventFired") resolve();
      if (method === "Runtime.consoleAPICalled" || method === "Runtime.exceptionThrown" || method === "Log.entryAdded")
        complaints.push(JSON.stringify(params));
      const asked = (params["request"] as { url?: string } | undefined)?.url;
      if (method === "Network.requestWillBeSent" && asked !== undefined && asked !== url) requests.push(asked);
    });
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
  if (!script) await send("Emulation.setScriptExecutionDisabled", { value: true });
  const features = [
    { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: still ? "reduce" : "no-preference" },
  ];
  await send("Emulation.setEmulatedMedia", { media: print ? "print" : "screen", features });
  const started = performance.now();
  await send("Page.navigate", { url });
  await loaded;
  const milliseconds = performance.now() - started;
  const run = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await send<{ result: { value?: unknown }; exceptionDetails?: unknown }>("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  const key = async (name: string): Promise<void> => {
    const codes: Record<string, number> = { Tab: 9, Enter: 13 };
    const at = { key: name, code: name, windowsVirtualKeyCode: codes[name] ?? 0, ...(name === "Enter" ? { text: "\r" } : {}) };
    await send("Input.dispatchKeyEvent", { type: "keyDown", ...at });
    await send("Input.dispatchKeyEvent", { type: "keyUp", ...at });
  };
  const until = async (expression: string): Promise<void> => {
    const end = performance.now() + 10_000;
    for (;;) {
      const isTrue = await run(`Boolean(${expression})`).catch(() => false);
      if (isTrue === true) return;
      if (performance.now() > end) throw new Error(`never true within ten seconds: ${expression}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  };
  const picture: Page["picture"] = async (part) => {
    const clip = part === undefined ? {} : { clip: { x: 0, y: part.top, width, height: part.height, scale: 1 } };
    const { data } = await send<{ data: string }>("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, ...clip });
    return Buffer.from(data, "base64");
  };
  return { loaded: milliseconds, run, complaints, requests, key, until, picture };
}
