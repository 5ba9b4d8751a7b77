import { type Browser, chromium } from "playwright-core";

/** Debian's Chromium, without a window. Its own sandbox needs rights that a test has not everywhere; it shows nothing but our own pages, without any network. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", chromiumSandbox: false, args: ["--disable-dev-shm-usage"] });
}
