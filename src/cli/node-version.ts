const oldest = 24;

/** What to say to somebody whose Node is too old, as package.json's `engines` has it; null where it will do. */
export const nodeTooOld = (version: string): { text: string; hint: string } | null =>
  Number.parseInt(version, 10) >= oldest
    ? null
    : {
        text: `Node ${version} is too old: ${oldest} is the oldest that will do.`,
        hint: "Install a newer one, or start it in a clone by `npm run -s puppet-gate --`, which brings its own.",
      };
