import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { onTestFinished } from "vitest";

interface Visitor {
  /** Pixels. */
  width?: number;
  script?: boolean;
  dark?: boolean;
  /** As on paper. */
  print?: boolean;
  /** For who wants nothing to move. */
  still?: boolean;
}

export interface Visit {
  page: Page;
  /** Everything that was said on the console or thrown, by the page or the browser, with the address that it is about. */
  complaints: string[];
  /** Addresses of everything that was asked for, but for the page itself. */
  requests: string[];
}

/** Opens a page, a file or an address, as one kind of person comes to it; it is closed when the test has ended. */
export async function visit(
  browser: Browser,
  place: string,
  { width = 1280, script = true, dark = false, print = false, still = false }: Visitor = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    javaScriptEnabled: script,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: still ? "reduce" : "no-preference",
  });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  if (print) await page.emulateMedia({ media: "print" });
  const url = /^https?:/u.test(place) ? place : pathToFileURL(place).href;
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => void complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`));
  page.on("pageerror", (error) => void complaints.push(`${String(error)} (${page.url()})`));
  page.on("request", (request) => void (request.url() === url || requests.push(request.url())));
  await page.goto(url);
  return { page, complaints, requests };
}
