/**
 * The forms in which a secret may turn up again. What text can be turned into (base64, hex) is looked for as a pattern of its own;
 * what text can be turned back from (URL encoding in its many dialects, line wrapping) is undone in the text instead.
 */

/** Shorter secrets are not looked for: `on`, `root` or `8080` would hide half of every catalog. In UTF-16 units. */
export const shortest = 8;
/** Enough of a long secret, in characters, to know its encoded forms by: what holds the whole holds its beginning. */
const enough = 512;

/** The patterns that give a secret of eight characters or more away: itself, also unwrapped to one line, its base64 at each alignment, its hex digits. */
export function secretForms(secret: string): string[] {
  const bytes = Buffer.from(secret.slice(0, enough), "utf8");
  const base64 = [0, 1, 2].map((shift) => base64Core(bytes, shift));
  const urlSafe = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = bytes.toString("hex");
  return [...new Set([secret, unwrapped(secret), ...base64, ...urlSafe, hex, hex.toUpperCase()])].filter(
    ({ length }) => length >= shortest,
  );
}

/**
 * The part of a secret's base64 that depends on nothing but the secret when `shift` bytes (modulo three) stand before it: a sextet
 * that a neighbour has bits in is left out. Eight bytes leave at least ten characters.
 */
function base64Core(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  const bits = (shift + bytes.length) * 8;
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
}

/** The text as it is, URL-decoded where it has escapes, and without its line breaks where it is wrapped. Each at most as long as the text. */
export function textViews(text: string): string[] {
  const views = [text];
  if (/%[0-9A-Fa-f]{2}/u.test(text)) {
    const decoded = urlDecoded(text);
    views.push(decoded);
    if (decoded.includes("+")) views.push(urlDecoded(text.replaceAll("+", " ")));
  }
  if (/[\r\n]/u.test(text)) views.push(unwrapped(text));
  return views;
}

/** Without line breaks and what indents the lines: a key that was wrapped or indented anew is the same key. */
const unwrapped = (text: string): string => text.replaceAll(/[\r\n]+\s*/gu, "");

/** As `decodeURIComponent`, but for one wrong escape it does not give up the rest. */
const urlDecoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/gu, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"));
