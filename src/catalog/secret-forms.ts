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
  const urlSafe = base64.flatMap((text) => (/[+/]/u.test(text) ? [text.replaceAll("+", "-").replaceAll("/", "_")] : []));
  const line = unwrapped(secret);
  const forms = [secret, ...(line === secret ? [] : [line]), ...base64, ...urlSafe, bytes.toString("hex")];
  return [...new Set(forms.map(folded))].filter(({ length }) => length >= shortest);
}

/** Case does not tell: Puppet writes names of classes and types in small letters, and hex comes in both. ASCII alone, so that lengths stay. */
export const folded = (text: string): string =>
  isAscii(text) ? text.toLowerCase() : text.replaceAll(/[A-Z]+/gu, (letters) => letters.toLowerCase());
// All but a few texts are: a call for each run of capitals is what a hundred thousand secrets would spend their seconds on.
const isAscii = (text: string): boolean => !/[^\0-\x7f]/u.test(text);

/**
 * What hiera-eyaml encrypted and nobody decrypted (`ENC[PKCS7,…]`), or what somebody decrypted and saved (`DEC::PKCS7[…]!`), as its parser
 * tells them: lib/hiera/backend/eyaml/parser/encrypted_tokens.rb.
 */
const encrypted = /ENC\[(?:\w+,)?[A-Za-z0-9+/=\s]+\]/gu;
const decrypted = /DEC(?:\(\d+\))?::\w+\[/u;
export const hasEyaml = (text: string): boolean => text.search(encrypted) !== -1 || decrypted.test(text);
/** Where somebody's clear text ends can't be told for sure, and so it is left for the whole to be hidden. */
export const withoutEncrypted = (text: string, mark: string): string => text.replaceAll(encrypted, mark);

/**
 * The part of a secret's base64 that depends on nothing but the secret when `shift` bytes (modulo three) stand before it: a sextet
 * that a neighbour has bits in is left out. Eight bytes leave at least ten characters.
 */
function base64Core(bytes: Buffer, shift: number): string {
  const text = (shift === 0 ? bytes : Buffer.concat([Buffer.alloc(shift), bytes])).toString("base64");
  const bits = (shift + bytes.length) * 8;
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
}

/**
 * The text as it is, with its escapes undone where it has some (of URLs; of JSON, shells and quoted strings; of HTML), and without its line
 * breaks where it is wrapped. Each at most as long as the text.
 */
export function textViews(text: string): string[] {
  const views = [text];
  if (/%[0-9A-Fa-f]{2}/u.test(text)) {
    const decoded = urlDecoded(text);
    views.push(decoded);
    if (decoded.includes("+")) views.push(urlDecoded(text.replaceAll("+", " ")));
  }
  if (text.includes("\\")) views.push(unescaped(text));
  if (/&(?:#\w+|[a-z]+);/u.test(text)) views.push(htmlDecoded(text));
  if (/[\r\n]/u.test(text)) views.push(unwrapped(text));
  return views;
}

/** Without line breaks and what indents the lines: a key that was wrapped or indented anew is the same key. */
const unwrapped = (text: string): string => (/[\r\n]/u.test(text) ? text.replaceAll(/[\r\n]+\s*/gu, "") : text);

/** As `decodeURIComponent`, but for one wrong escape it does not give up the rest. */
const urlDecoded = (text: string): string =>
  text.replaceAll(/(?:%[0-9A-Fa-f]{2})+/gu, (escapes) => Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"));

/** As JSON, Ruby, Puppet and shells write what may not stand as it is: one backslash before it. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([\s\S]))/gu, (_, long?: string, short?: string, one = "") => {
    const digits = long ?? short;
    if (digits !== undefined) return String.fromCharCode(Number.parseInt(digits, 16));
    return controls[String(one)] ?? String(one);
  });
const controls: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** The five that escaping for HTML makes, and numbers. */
const htmlDecoded = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9A-Fa-f]{1,4})|#(\d{1,5})|(amp|lt|gt|quot|apos));/gu, (all, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return entities[name] ?? all;
    return String.fromCharCode(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
