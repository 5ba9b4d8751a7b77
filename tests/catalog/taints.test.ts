import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Taints } from "../../src/catalog/taints.ts";

const secret = "hunter2 & söhne?";
const taintsOf = (...secrets: string[]): Taints => {
  const taints = new Taints();
  for (const each of secrets) taints.add(each);
  return taints;
};
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const hidden: Array<[string, string]> = [
  ["as it is", secret],
  ["inside other text", `password = "${secret}"\n`],
  ["base64", base64(secret)],
  ["base64 behind one byte", base64(`:${secret}`)],
  ["base64 behind two bytes and before some", base64(`a:${secret}:more`)],
  ["base64 for URLs", Buffer.from(`ab${secret}`).toString("base64url")],
  ["base64 wrapped to lines", base64(`${"x".repeat(50)}${secret}`).replaceAll(/(.{60})/gu, "$1\n")],
  ["hex", Buffer.from(secret).toString("hex")],
  ["hex in capitals", Buffer.from(`x${secret}`).toString("hex").toUpperCase()],
  ["URL-encoded", `https://x/?p=${encodeURIComponent(secret)}`],
  ["URL-encoded with plus and small letters", `p=${encodeURIComponent(secret).replaceAll("%20", "+").toLowerCase()}`],
  ["every byte URL-encoded", [...Buffer.from(secret)].map((byte) => `%${byte.toString(16)}`).join("")],
  ["indented and wrapped anew", "hunter2 & \n    söhne?"],
];

describe("Taints", () => {
  it.each(hidden)("case 41: finds a secret %s, and redacts it", (_, text) => {
    const taints = taintsOf("another secret", secret);
    expect(taints.isIn(text)).toBe(true);
    const clean = taints.redact(text);
    expect(clean).toContain("[secret]");
    expect(taints.isIn(clean)).toBe(false);
  });

  it("cuts out no more than the secret where it stands as it is", () => {
    const taints = taintsOf(secret, "söhne?...");
    expect(taints.redact(`a ${secret}... b ${secret} c`)).toBe("a [secret] b [secret] c");
  });

  it("finds it without the blanks around it", () => {
    expect(taintsOf("  longpassword\n").isIn("x=longpassword;")).toBe(true);
  });

  it("leaves text alone that has none, and secrets of less than eight characters", () => {
    expect(taintsOf(secret).isIn("hunter2 & sohne?")).toBe(false);
    expect(taintsOf("1234567").isIn("1234567")).toBe(false);
    expect(taintsOf("12345678").isIn("12345678")).toBe(true);
    expect(new Taints().redact("anything at all")).toBe("anything at all");
  });

  it("finds any secret in any text, in any form", () => {
    const text = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme", minLength: 8 }), { minLength: 1, maxLength: 5 }),
        text,
        text,
        fc.nat(4),
        (secrets, before, after, form) => {
          const taints = taintsOf(...secrets);
          const [first = ""] = secrets;
          const around = `${before}${first}${after}`;
          const forms = [
            around,
            base64(around),
            Buffer.from(around).toString("hex"),
            Buffer.from(around).toString("base64url"),
            `${before}%20${[...Buffer.from(first)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")}`,
          ];
          expect(taints.isIn(forms[form] ?? "")).toBe(true);
          expect(taints.isIn(taints.redact(forms[form] ?? ""))).toBe(false);
        },
      ),
    );
  });

  it("stays linear with a thousand secrets that begin alike", () => {
    const header = "-----BEGIN RSA PRIVATE KEY-----\n";
    const taints = taintsOf(...Array.from({ length: 1000 }, (_, at) => `${header}${String(at).padStart(8, "k")}${"k".repeat(1600)}`));
    const text = header.repeat(20_000);
    expect(taints.isIn(text)).toBe(false);
  });

  it("tells a thousand nodes' keys apart, which began alike on each of them", () => {
    const header = "-----BEGIN RSA PRIVATE KEY-----\n";
    const keys = Array.from({ length: 1000 }, (_, at) => `${header}${String(at).padStart(8, "k")}${"k".repeat(1600)}`);
    const taints = new Taints();
    for (const key of keys) taints.addAll(taintsOf(key));
    expect(taints.isIn(header.repeat(20_000))).toBe(false);
    expect(keys.every((key) => taints.isIn(`x ${key}`))).toBe(true);
  });

  it("takes a text that is made to cost too much for tainted, at once", () => {
    const taints = taintsOf(...Array.from({ length: 1000 }, (_, at) => `${"a".repeat(2000)}${at}`));
    expect(taints.isIn("a".repeat(64 * 1024))).toBe(true);
    expect(taints.redact("a".repeat(64 * 1024))).toBe("[secret]");
  });
});
