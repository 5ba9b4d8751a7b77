import type { EffectGroup, NodeOutcome } from "../../src/catalog/effects.ts";
import { toRadius } from "../../src/catalog/radius.ts";
import type { Report } from "../../src/gate/report.ts";
import { report } from "../gate/world.ts";

const services = Array.from({ length: 24 }, (_, at) => `service${String(at).padStart(2, "0")}`);
const datacentres = ["ash", "fra", "lon", "sto", "tok"];

/** A fleet of 1,000 nodes and a change of 300 groups: the first on all of them, others on ever fewer, some on one alone. */
export function bigReport(nodeCount = 1_000, groupCount = 300): Report {
  const nodes = Array.from({ length: nodeCount }, (_, at): NodeOutcome => ({
    certname: `node${String(at).padStart(4, "0")}.example`,
    outcome: "changed",
    reason: null,
    services: [services[at % services.length] ?? ""],
    datacentre: datacentres[at % datacentres.length] ?? null,
    cached: false,
  }));
  const groups = Array.from({ length: groupCount }, (_, at): EffectGroup => {
    const text = (word: string): string =>
      Array.from({ length: 30 }, (_, line) => `${line === 12 ? word : "key"} = ${line * at}\n`).join("");
    return {
      type: at % 3 === 0 ? "Service" : "File",
      title: `/etc/part${at}.conf`,
      attribute: "content",
      change: "changed",
      kind: "system",
      before: text("old"),
      after: text("new"),
      nodes: nodes.filter((_, node) => node % (1 + (at % 40)) === 0).map(({ certname }) => certname),
      source: { path: `modules/m${at}/manifests/init.pp`, line: at + 1 },
      ...(at % 50 === 0 ? { concerns: ["sudo" as const] } : {}),
    };
  });
  const restarts = [
    { type: "Service", title: "nginx", nodes: 3, cause: "File[/a] changes", certnames: nodes.slice(0, 3).map(({ certname }) => certname) },
  ];
  return report({ nodes, groups, radius: toRadius(groups, nodes, restarts, { small: 2, medium: 10, large: 40 }) });
}

/** Text that tries everything which ever got into a page. */
export const hostile = [
  "</script><script>window.__x=1</script>",
  `"><img src=x onerror="window.__x=2">`,
  "<svg/onload=window.__x=3>",
  "</style><style>*{display:none}</style>",
  "javascript:window.__x=4",
  "<!--<script>",
  "]]>&lt;script&gt;",
  "${window.__x=5}",
  "\u202Egpj.exe\u2066",
  "\u001B[2J\u001B]0;x\u0007",
  "https://evil.example/p.png",
  "two\nlines\r\nand\u2028more",
].join(" ");

/** A report in which every text is hostile. */
export function hostileReport(text = hostile): Report {
  const node: NodeOutcome = { certname: text, outcome: "changed", reason: text, services: [text], datacentre: text, cached: false };
  const group: EffectGroup = {
    type: text,
    title: text,
    attribute: text,
    change: "changed",
    kind: "system",
    before: `${text}\n1\n`,
    after: `${text}\n2\n`,
    nodes: [text],
    source: { path: text, line: 1 },
    concerns: ["sudo"],
  };
  const whole: EffectGroup = {
    ...group,
    attribute: null,
    change: "added",
    before: null,
    after: { [text]: text, list: [text, { [text]: text }] },
  };
  const groups = [group, { ...group, before: text, after: `${text}!`, nodes: [text] }, whole];
  const restarts = [{ type: text, title: text, nodes: 1, cause: text, certnames: [text] }];
  return report({
    base: { ref: text, sha: null },
    head: { ref: text, sha: null },
    verdict: { outcome: "blocked", reasons: [{ rule: text, outcome: "fail", text }] },
    nodes: [node, { ...node, certname: `b ${text}`, outcome: "broken" }],
    groups,
    causes: [
      { kind: "data", name: text, places: [{ path: text, line: 1 }], certain: false, reason: text, groups: [0], resources: 1, nodes: 1 },
    ],
    findings: [{ check: text, severity: "error", path: text, line: 1, column: 1, code: text, message: text, onChangedLine: true }],
    modules: [
      {
        name: text,
        before: text,
        after: text,
        line: 1,
        commits: { ahead: 2, behind: 0, subjects: [text] },
        files: [{ path: text, status: "modified" }],
        moreFiles: 1,
        published: false,
      },
      { name: text, before: null, after: text, line: 1, commits: null, files: [], moreFiles: 0, unseen: text },
    ],
    radius: toRadius(groups, [node], restarts, { small: 2, medium: 10, large: 40 }),
  });
}
