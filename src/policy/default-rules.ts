/** What a catalog diff does not show, or what decides how a change is judged; `policies/default` says of each why. */
const sensitive = [
  'change.links.size() > 0 || findings.exists(f, f.code == "runs-ruby") ||',
  "change.paths.exists(p,",
  'p.glob("**/lib/**") || p.glob("**/facts.d/**") ||',
  'p.glob("**/*.erb") || (p.glob("**/templates/**") && !p.glob("**/*.epp")) ||',
  'p.glob("**/Puppetfile") || p.glob("**/hiera.yaml") || p.glob("**/environment.conf") || p.glob("expectations/**") ||',
  'p.glob(".github/puppet-gate.yml") || p.glob(".puppet-lint.rc") || p.glob("{,.github/,docs/}CODEOWNERS") ||',
  'p.glob(".github/workflows/**"))',
].join(" ");

/** As written: the rules of a repository that has none of its own. It may have no teams, so they can be met by people with write and admin access alone. */
export const defaultRules = [
  { name: "peer", require: { approvals: { count: 1 } } },
  {
    name: "sensitive",
    when: sensitive,
    require: {
      any: [{ approvals: { count: 1, from: { codeowners: "every-path" } } }, { approvals: { count: 1, from: { permission: "admin" } } }],
    },
  },
  {
    name: "policy",
    when: 'change.policy == "loosens"',
    require: { all: [{ approvals: { count: 2 } }, { approvals: { count: 1, from: { permission: "admin" } } }] },
  },
];
