/** The most bytes that an entry of a tiled log can have: its length is told in two (C2SP tlog-tiles). What is longer belongs into evidence. */
export const mostEntryBytes = 65_535;

/** Entries as tlog-tiles serves them: each after its length in two bytes, big-endian. Throws for one that is too long. */
export function packEntries(entries: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > mostEntryBytes)
        throw new RangeError(`an entry of ${entry.length} bytes has no place in a log: ${mostEntryBytes} are the most`);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

/** Null where lengths and bytes do not fit. */
export function unpackEntries(bundle: Buffer): Buffer[] | null {
  const entries: Buffer[] = [];
  for (let at = 0; at < bundle.length;) {
    if (at + 2 > bundle.length) return null;
    const end = at + 2 + bundle.readUInt16BE(at);
    if (end > bundle.length) return null;
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  return entries;
}
