/** The policies of the simulated repositories: their text for the gate, and what each asks for as the model knows it. */
export interface PolicyCase {
  name: string;
  text: string;
  asks: {
    approvals: number;
    /** One of them by an administrator. */
    admin: boolean;
    /** One of them by a member of acme/sre. */
    team: boolean;
    /** The check `ci` of GitHub Actions has to have succeeded. */
    ci: boolean;
    landing: "exact" | "api";
    /** Logins of those who may break the glass. */
    glass: readonly string[];
  };
}

export const actionsId = 15_368;
export const policyFile = ".github/puppet-gate.yml";

const approvals = (count: number, from = ""): string => `{approvals: {count: ${count}${from === "" ? "" : `, from: ${from}`}}}`;
const check = `{check: {name: ci, app_id: ${actionsId}, timeout_minutes: 10080}}`;
const glass = "break_glass: {users: [carol], hours: 4}\n";

const policy = (name: string, require: string, asks: Partial<PolicyCase["asks"]> = {}, more = ""): PolicyCase => ({
  name,
  text: `# ${name}\nversion: 1\nlanding: ${asks.landing ?? "exact"}\n${more}rules:\n  - {name: peer, require: ${require}}\n`,
  asks: { approvals: 1, admin: false, team: false, ci: false, landing: "exact", glass: [], ...asks },
});

export const policies: readonly PolicyCase[] = [
  policy("peer", approvals(1)),
  policy("peer and ci", `{all: [${approvals(1)}, ${check}]}`, { ci: true }),
  policy("two", approvals(2), { approvals: 2 }),
  policy("admin", `{all: [${approvals(1)}, ${approvals(1, "{permission: admin}")}]}`, { admin: true }),
  policy("team", approvals(1, "{teams: [acme/sre]}"), { team: true }),
  policy("glass", `{all: [${approvals(1)}, ${check}]}`, { ci: true, glass: ["carol"] }, glass),
  policy("by GitHub", approvals(1), { landing: "api" }),
  policy("by GitHub with ci", `{all: [${approvals(1)}, ${check}]}`, { landing: "api", ci: true, glass: ["carol"] }, glass),
];

export function policyOf(text: string | null): PolicyCase {
  const found = policies.find((one) => one.text === text);
  if (found === undefined) throw new Error(`no policy of the simulation: ${text}`);
  return found;
}
