import { describe, expect, it } from "vitest";
import { openCheckpoint, parseCheckpoint, signCheckpoint } from "../../src/ledger/checkpoint.ts";
import { parseSignerKey, parseVerifierKey, signBytes, signerKey, signerOf, verifierKey, type Verifier } from "../../src/ledger/keys.ts";
import { openNote, parseNote, renderNote, signNote } from "../../src/ledger/note.ts";
import { parseProof, renderProof } from "../../src/ledger/tlog-proof.ts";

/** The example of C2SP signed-note. */
const published = {
  key: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
  note: "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
};

const signer = signerOf("gate.example/log", Buffer.alloc(32, 7));
const other = signerOf("gate.example/log", Buffer.alloc(32, 8));
const root = Buffer.alloc(32, 5);
const checkpoint = { origin: "gate.example/log", size: 12, root };
const note = signCheckpoint(checkpoint, [signer]);

/** A witness, as C2SP tlog-cosignature has them: it signs a time with the text. */
const witness = { ...signerOf("witness.example/w", Buffer.alloc(32, 9)), algorithm: 4 } as const;

describe("keys", () => {
  it("verify the specification's example", () => {
    const key = parseVerifierKey(published.key);
    if (key === null) throw new Error("the published key is not read");
    expect(openNote(published.note, [key])).toMatchObject({ ok: true, others: 0 });
    expect(verifierKey(key)).toBe(published.key);
    expect(openNote(published.note.replace("example m", "other m"), [key])).toEqual({
      ok: false,
      why: "the signature of example.com/foo+530d903a is wrong",
    });
  });

  it("are written and read, and refused where a part is another's", () => {
    expect(parseSignerKey(signerKey(signer))).toEqual(signer);
    const text = verifierKey(signer);
    expect(parseVerifierKey(text)).toEqual({ name: signer.name, id: signer.id, algorithm: 1, publicKey: signer.publicKey });
    const wrong = [text.replace("gate", "fate"), text.replace(signer.id, "00000000"), text.slice(0, -4), "", "a+b+c", signerKey(signer)];
    expect(wrong.filter((one) => parseVerifierKey(one) !== null)).toEqual([]);
    expect([signerKey(signer).replace("gate", "fate"), text].filter((one) => parseSignerKey(one) !== null)).toEqual([]);
    expect(() => signerOf("two words", Buffer.alloc(32))).toThrow("is no name of a key");
  });
});

describe("notes", () => {
  it("count what others signed, and ask for one signature of a known key", () => {
    const both = signCheckpoint(checkpoint, [signer, other]);
    expect(openNote(both, [signer])).toMatchObject({ ok: true, by: [signer], others: 1 });
    expect(openNote(both, [])).toEqual({ ok: false, why: "no key that is known has signed it" });
  });

  it("are refused where a known key's signature is wrong, even beside a right one", () => {
    const parsed = parseNote(signCheckpoint(checkpoint, [signer, other]));
    if (parsed === null) throw new Error("a note of ours is not read");
    const [first, second] = parsed.signatures;
    if (first === undefined || second === undefined) throw new Error("it has two signatures");
    const broken = renderNote({ ...parsed, signatures: [first, { ...second, bytes: first.bytes }] });
    expect(openNote(broken, [signer, other])).toMatchObject({ ok: false, why: `the signature of ${other.name}+${other.id} is wrong` });
    expect(openNote(broken, [signer])).toMatchObject({ ok: true });
  });

  it.each([
    ["no signature", "text\n\n"],
    ["no empty line", "text\n— a AAAAAAAA\n"],
    ["a control character", note.replace("12", "1\t2")],
    ["no newline at the end", note.slice(0, -1)],
    ["a hyphen for the dash", note.replace("— ", "- ")],
    ["a base64 that is not canonical", note.replace(/=\n$/u, "\n")],
    ["a carriage return", note.replaceAll("\n", "\r\n")],
  ])("are none with %s", (_, text) => {
    expect(parseNote(text)).toBeNull();
  });

  it("sign nothing that is no text of a note", () => {
    expect(() => signNote("no newline", [signer])).toThrow("ends in a newline");
  });
});

describe("checkpoints", () => {
  it("say origin, size and root, signed by the log", () => {
    expect(note.split("\n\n")[0]).toBe(`gate.example/log\n12\n${root.toString("base64")}`);
    expect(openCheckpoint(note, "gate.example/log", [signer])).toMatchObject({ ok: true, checkpoint });
    expect(openCheckpoint(note, "gate.example/other", [signer])).toMatchObject({
      ok: false,
      why: "it is of gate.example/log, and not of gate.example/other",
    });
  });

  it.each([
    "a\n012\nAA==\n",
    `a\n12\n${root.toString("base64")}`,
    `a\n-1\n${root.toString("base64")}\n`,
    `a\n1\n${root.toString("base64url")}\n`,
    `\n1\n${root.toString("base64")}\n`,
    `a\n1\n${root.toString("base64")}\n\nb\n`,
  ])("are not %j", (text) => {
    expect(parseCheckpoint(text)).toBeNull();
  });

  it("may have lines of extensions", () => {
    expect(parseCheckpoint(`a\n1\n${root.toString("base64")}\nmore\n`)).toEqual({ origin: "a", size: 1, root });
  });

  it("take witnesses' lines, and are wrong with a wrong one", () => {
    const parsed = parseNote(note);
    if (parsed === null) throw new Error("a note of ours is not read");
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_700_000_000n);
    const signed = signBytes(witness.seed, Buffer.from(`cosignature/v1\ntime 1700000000\n${parsed.text}`));
    const known: Verifier = { ...witness, id: "00c0ffee" };
    const cosigned = (bytes: Buffer): string =>
      renderNote({ ...parsed, signatures: [...parsed.signatures, { name: known.name, id: known.id, bytes }] });
    expect(openCheckpoint(cosigned(Buffer.concat([time, signed])), checkpoint.origin, [signer, known])).toMatchObject({
      ok: true,
      by: [signer, known],
    });
    const wrong = [Buffer.concat([Buffer.alloc(8), signed]), signed, Buffer.concat([time, signed.toReversed()])];
    for (const bytes of wrong) {
      expect(openCheckpoint(cosigned(bytes), checkpoint.origin, [signer, known])).toMatchObject({ ok: false });
      expect(openCheckpoint(cosigned(bytes), checkpoint.origin, [signer])).toMatchObject({ ok: true });
    }
    expect(openCheckpoint(cosigned(Buffer.concat([time, signed])), checkpoint.origin, [known])).toEqual({
      ok: false,
      why: "witnesses have signed it, and not the log",
    });
  });
});

describe("proofs that stand for themselves", () => {
  const proof = { index: 3, proof: [root, Buffer.alloc(32, 6)], checkpoint: note, extra: null };

  it("are written and read", () => {
    expect(renderProof(proof)).toBe(
      `c2sp.org/tlog-proof@v1\nindex 3\n${root.toString("base64")}\n${Buffer.alloc(32, 6).toString("base64")}\n\n${note}`,
    );
    for (const one of [proof, { ...proof, extra: Buffer.from("more") }, { ...proof, proof: [], index: 0 }])
      expect(parseProof(renderProof(one))).toEqual(one);
  });

  it.each([
    ["another version", renderProof(proof).replace("@v1", "@v2")],
    ["no index", renderProof(proof).replace("index 3\n", "")],
    ["an index with a zero before it", renderProof(proof).replace("index 3", "index 03")],
    ["a short hash", renderProof({ ...proof, proof: [root.subarray(1)] })],
    ["no checkpoint", renderProof(proof).split("\n\n")[0] ?? ""],
  ])("are none with %s", (_, text) => {
    expect(parseProof(text)).toBeNull();
  });
});
