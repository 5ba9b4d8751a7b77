import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import type { ShelfPlace } from "../engine/ports/cache.ts";
import type { KeySource } from "./key-file.ts";

/** Raised with the form of what is sealed: an entry of another version is no entry. */
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Names and seals entries under one key of 32 bytes or more. */
export interface Sealer {
  /** Places are digests under the key: who has the shelf alone can't tell of which node or repository an entry is. */
  compile(key: string): ShelfPlace;
  mark(scope: string): ShelfPlace;
  scope(scope: string): string;
  record(scope: string, name: string): ShelfPlace;
  /** Compressed by zstd, then sealed by AES-256-GCM, which is bound to the place: elsewhere it can't be opened. */
  seal(place: ShelfPlace, body: Buffer): Promise<Buffer>;
  /** The body, or null where this was not sealed for this place, by this version, under this key. */
  open(place: ShelfPlace, sealed: Buffer): Promise<Buffer | null>;
}

export function createSealer(key: Uint8Array): Sealer {
  const derive = (use: string): Buffer => Buffer.from(hkdfSync("sha256", key, "", `puppet-gate: ${use} of kept compiles`, 32));
  const names = derive("names");
  const seals = derive("seals");
  const nameOf = (...parts: string[]): string => createHmac("sha256", names).update(JSON.stringify(parts)).digest("hex");
  const scopeOf = (scope: string): string => nameOf("scope", scope);
  return {
    compile: (name) => ({ kind: "compile", name: nameOf("compile", name) }),
    mark: (scope) => ({ kind: "mark", name: nameOf("mark", scope) }),
    scope: scopeOf,
    record: (scope, name) => ({ kind: "record", scope: scopeOf(scope), name: nameOf("record", scope, name) }),
    seal: async (place, body) => {
      // Random nonces are good for 2^32 entries under one key (NIST SP 800-38D, 8.3): a hundred each second for a year and more.
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", seals, nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(place));
      const text = cipher.update(await compress(body));
      return Buffer.concat([Buffer.from([version]), nonce, text, cipher.final(), cipher.getAuthTag()]);
    },
    open: async (place, sealed) => {
      if (sealed[0] !== version || sealed.length < 1 + nonceBytes + tagBytes) return null;
      const decipher = createDecipheriv("aes-256-gcm", seals, sealed.subarray(1, 1 + nonceBytes), { authTagLength: tagBytes });
      decipher.setAAD(boundTo(place));
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      const text = decipher.update(sealed.subarray(1 + nonceBytes, -tagBytes));
      try {
        decipher.final();
      } catch {
        return null; // the tag is not that of these bytes, which is all that it can say
      }
      return decompress(text);
    },
  };
}

const boundTo = (place: ShelfPlace): Buffer =>
  Buffer.from(JSON.stringify([version, place.kind, place.kind === "record" ? place.scope : null, place.name]));

/** The sealer of a key that may not be there yet. */
export interface Sealers {
  /** Null while there is no key: then nothing was ever sealed under it. */
  reading(): Promise<Sealer | null>;
  /** Makes the key where there is none. */
  writing(): Promise<Sealer>;
}

export function createSealers(key: KeySource): Sealers {
  let sealer: Sealer | null = null;
  let making: Promise<Sealer> | null = null;
  const reading = async (): Promise<Sealer | null> => {
    const known = sealer === null ? await key.read() : null;
    if (known !== null) sealer ??= createSealer(known);
    return sealer;
  };
  const make = async (): Promise<Sealer> => {
    const known = await reading();
    sealer ??= known ?? createSealer(await key.make());
    return sealer;
  };
  return {
    reading,
    writing: () =>
      (making ??= make().finally(() => {
        making = null;
      })),
  };
}

/** A record's name and body in one: its place does not tell the name. */
export function packRecord(name: string, body: Buffer): Buffer {
  const bytes = Buffer.from(name);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes, body]);
}

export function unpackRecord(packed: Buffer): { name: string; body: Buffer } {
  const end = 4 + packed.readUInt32BE(0);
  return { name: packed.toString("utf8", 4, end), body: packed.subarray(end) };
}
