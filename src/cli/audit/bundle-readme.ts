interface About {
  origin: string;
  size: number;
  count: number;
  from: string | null;
  to: string | null;
  key: string;
  people: boolean;
}

/** For whoever gets a bundle and has nothing else: ten lines to verify it by, and what is in it. */
export const bundleReadme = ({
  origin,
  size,
  count,
  from,
  to,
  key,
  people,
}: About): string => `# What puppet-gate recorded${from === null ? "" : ` from ${from}`}${to === null ? "" : ` to ${to}`}

1. Get, from somebody other than who gave you this, the ledger's key or a checkpoint that was published: a folder, a branch or a mailbox has them.
2. The key here is \`${key}\`. It must be yours, or have taken over from yours.
3. Run \`node verify.mjs . --key KEY\`, with Node 22 or newer. It needs no network. Take verify.mjs from puppet-gate's release if you do not trust this one.
4. With a checkpoint that you kept: \`node verify.mjs . --checkpoint FILE\`. It then finds also a log that was cut off, restored or forked since.
5. It ends with VERIFIED and exit code 0, or names each thing that is wrong.
6. By hand: each line of entries.jsonl is an entry (RFC 8785). SHA-256 of a zero byte and the line is its leaf hash, and stands in leaf-hashes, 32 bytes each.
7. The Merkle tree hash of leaf-hashes (RFC 6962, 2.1) is the third line of checkpoint, in base64. checkpoint is a C2SP signed note of the key, over Ed25519.
8. An entry's \`evidence\` are SHA-256 digests of the blobs in evidence.jsonl: a line with a salt, then the text.
9. An entry's \`actor\` is SHA-256 of \`SALT:ID\`, ID being GitHub's number of a person${people ? "; people.jsonl has the salts" : ". The salts are not in this bundle"}.
10. log.jsonl has the ledger's keys, each vouched for by the one before, and what was forgotten at people's wish.

The log is \`${origin}\`. ${count} of its ${size} entries are here in full: those of the period, and one on each side of it, so that none can be left out unseen. The others are here
by their hashes. What this proves, and what it does not, is in docs/audit.md of puppet-gate.
`;
