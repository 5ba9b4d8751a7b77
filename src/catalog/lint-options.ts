/** An option that was not passed on, with the line of the file where it stands. */
interface RefusedOption {
  line: number;
  option: string;
  why: string;
}

export interface VettedOptions {
  /** Arguments for puppet-lint, in their order. */
  options: string[];
  refused: RefusedOption[];
}

/**
 * Options that only say what is looked for. They take no file, start nothing and write nothing. Check options name a check, of
 * puppet-lint's own or of an installed plugin.
 */
const harmless = [/^--(?:no-)?[a-z0-9][a-z0-9_]*-check$/, /^--relative$/, /^--only-checks=[a-z0-9_]+(?:,[a-z0-9_]+)*$/];

/** Options of which only the way to print and the exit code would come, and those are ours anyway: left out without a word. */
const withoutEffect = [
  /^--(?:no-config|fail-on-warnings|with-filename|with-context|show-ignored|json|sarif)$/,
  /^--(?:log-format|codeclimate-report-file)=/,
];

/** Options that are known to be harmful, in their short and abbreviated forms too, since puppet-lint takes those. */
const harmful: Array<[option: RegExp, why: string]> = [
  [/^(?:--load|-l)/, "it runs Ruby code from a file; install the checks as a gem on the machine that lints"],
  [/^(?:--co|-c)/, "it reads options from another file; write them into .puppet-lint.rc itself"],
  [/^--ig/, "files would not be linted, and nobody would be told"],
  [/^--err/, "findings would be hidden; disable checks by their names"],
  [/^(?:--fi|-f)/, "it changes files"],
];
const notKnown = "it is not one of the options that are known to be harmless";

/** Options whose value may stand on the next line, since puppet-lint takes each line for an argument. */
const withValue = /^--(?:only-checks|ignore-paths|error-level|log-format|load|load-from-puppet|config|codeclimate-report-file)$|^-[lc]$/;

/**
 * Reads base's `.puppet-lint.rc` and passes on the options that are known to be harmless. puppet-lint reads such a file by
 * OptionParser's `load`: each line is one argument as it stands, and what does not begin with a dash is no option. Abbreviations are
 * not passed on, and neither is an option that these lists have never heard of.
 */
export function vetLintOptions(rcText: string): VettedOptions {
  const vetted: VettedOptions = { options: [], refused: [] };
  const lines = rcText.split("\n").map((text) => text.trimEnd());
  for (let at = 0; at < lines.length; at++) {
    const written = lines[at] ?? "";
    if (written === "--") break;
    if (!/^-./.test(written)) continue;
    const line = at + 1;
    const option = withValue.test(written) ? `${written}=${lines[++at] ?? ""}` : written;
    if (harmless.some((pattern) => pattern.test(option))) vetted.options.push(option);
    else if (!withoutEffect.some((pattern) => pattern.test(option))) vetted.refused.push({ line, option, why: whyRefused(option) });
  }
  return vetted;
}

const whyRefused = (option: string): string => harmful.find(([pattern]) => pattern.test(option))?.[1] ?? notKnown;

/** The options that keep the named checks from running. */
export const disableChecks = (checks: readonly string[]): string[] => checks.map((check) => `--no-${check}-check`);
