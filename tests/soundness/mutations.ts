/** Content of a file, or where a link leads; null takes it away. */
export type Edit = { text: string; link?: true } | null;

/** One way in which a tree may be changed. */
export interface Mutation {
  name: string;
  edits: ReadonlyMap<string, Edit>;
}

type Files = ReadonlyMap<string, string>;

/**
 * Every mutation that is known of a tree: each line of its data, manifests, functions, types and templates changed, taken away and commented on; each
 * file removed, renamed and shadowed; files put where a compile looked for some in vain. Always the same list for the same tree.
 */
export function mutationsOf(files: Files): Mutation[] {
  return [
    ...[...files].flatMap(([path, text]) => [...lines(path, text), ...whole(path, text)]),
    ...appeared(files),
    ...shadowed(files),
    ...settings(files),
    ...handmade(files),
  ];
}

const one = (name: string, path: string, edit: Edit): Mutation => ({ name, edits: new Map([[path, edit]]) });
const isData = (path: string): boolean => /(?:^|\/)data\/.*\.(?:yaml|json)$/u.test(path);
const isCode = (path: string): boolean => /\.(?:pp|rb|erb|epp)$/u.test(path);

/** A line that says something else, that is gone, or that has a comment before it. */
function lines(path: string, text: string): Mutation[] {
  if (!isData(path) && !isCode(path)) return [];
  const all = text.split("\n");
  const with_ = (at: number, replacement: readonly string[]): string => all.toSpliced(at, 1, ...replacement).join("\n");
  return all.flatMap((line, at) => {
    if (/^\s*(?:#.*|---|[{}\])]*,?)$/u.test(line)) return [];
    const found = [one(`${path}:${at + 1} gone`, path, { text: with_(at, []) })];
    const other = another(line);
    if (other !== null) found.push(one(`${path}:${at + 1} other`, path, { text: with_(at, [other]) }));
    if (at % 3 === 0 && /\.(?:pp|rb|yaml)$/u.test(path))
      found.push(one(`${path}:${at + 1} comment`, path, { text: with_(at, ["# a word more", line]) }));
    return found;
  });
}

/** The same line with another literal in it; null where it has none. */
function another(line: string): string | null {
  const changed = [
    (text: string) => text.replace(/\b(\d+)\b(?!.*\b\d+\b)/u, (digits) => String(Number(digits) + 1)),
    (text: string) => text.replace(/'([^'$%:]+)'(?!.*')/u, "'$1x'"),
    (text: string) => text.replace(/(:\s+|-\s+)([a-z][\w./-]*)$/u, "$1$2x"),
    (text: string) => text.replace(/(=>\s+)(present|running|directory)/u, (_, arrow: string, word: string) => `${arrow}${opposite[word]}`),
    (text: string) => text.replace(/"([^"$%]+)/u, '"$1x'),
  ]
    .map((change) => change(line))
    .find((text) => text !== line);
  return changed ?? null;
}

const opposite: Record<string, string> = { present: "absent", running: "stopped", directory: "absent" };

/** Files removed, renamed, emptied, with more at their end, or with other white space. */
function whole(path: string, text: string): Mutation[] {
  if (path.startsWith("facts/") || path === "README.md") return [];
  const renamed = path.replace(/(\.\w+)?$/u, "_moved$1");
  const found = [
    one(`${path} removed`, path, null),
    {
      name: `${path} renamed`,
      edits: new Map<string, Edit>([
        [path, null],
        [renamed, { text }],
      ]),
    },
    one(`${path} emptied`, path, { text: "" }),
    one(`${path} longer`, path, { text: `${text}${path.endsWith(".json") ? " " : "\n"}` }),
  ];
  if (/\/(?:templates|files)\//u.test(path)) found.push(one(`${path} says more`, path, { text: `${text}more\n` }));
  if (path.endsWith(".pp") && !path.startsWith("manifests/"))
    found.push(one(`${path} indented`, path, { text: text.replaceAll("\n  ", "\n      ") }));
  if (isData(path) && path.endsWith(".yaml")) found.push(one(`${path} reordered`, path, { text: reordered(text) }));
  return found;
}

/** The same pairs, the last one first. */
function reordered(text: string): string {
  const pairs = text.replace(/^---\n/u, "").split(/\n(?=\S)/u);
  return `---\n${[...pairs.slice(-1), ...pairs.slice(0, -1)].map((pair) => pair.trimEnd()).join("\n")}\n`;
}

/** Data where there was none, for keys that somebody reads and for one that nobody does. */
function appeared(files: Files): Mutation[] {
  const places = [
    ...[...files.keys()]
      .filter((path) => path.startsWith("facts/"))
      .map((path) => path.replace("facts/", "data/nodes/").replace(/json$/u, "yaml")),
    ...["roles/odd", "roles/mail", "roles/nobody", "tiers/big", "tiers/none", "dc/lon/aaa", "dc/ams/zzz", "dc/par/net", "RedHat"].map(
      (name) => `data/${name}.yaml`,
    ),
  ].filter((path) => !files.has(path));
  const keys = [
    "profile::web::workers: 5",
    "base::motd: new",
    "base::packages: [more]",
    "profile::app::settings: { more: words }",
    "tool::level: new",
    "contact: somebody",
    "nobody::asks: this",
    "lookup_options: { base::ntp: { merge: unique } }",
    "edge::timeout: 31",
  ];
  const fresh = places.flatMap((path, at) =>
    [0, 4].map((offset) => {
      const key = keys[(at + offset) % keys.length] ?? "";
      return one(`${path} appears with ${key}`, path, { text: `---\n${key}\n` });
    }),
  );
  const added = [...files].flatMap(([path, text]) =>
    path.startsWith("data/") && path.endsWith(".yaml")
      ? keys
          .filter((key) => !text.includes(`\n${key.split(": ")[0]}:`))
          .map((key) => one(`${path} also has ${key}`, path, { text: `${text}${key}\n` }))
      : [],
  );
  return [...fresh, ...added];
}

/** Files that come before others of their name, or where one was looked for in vain. */
function shadowed(files: Files): Mutation[] {
  const manifest = (name: string): string => `class ${name} {\n  notify { 'shadow ${name}': }\n}\n`;
  const shadow = ["tool", "edge", "base", "pack"].flatMap((module) => [
    one(`site/${module} hides modules/${module}`, `site/${module}/manifests/init.pp`, { text: manifest(module) }),
    one(`site/${module} hides modules/${module} with a file`, `site/${module}/files/x`, { text: "x\n" }),
  ]);
  const later = ["profile", "role"].map((module) =>
    one(`modules/${module} stays hidden`, `modules/${module}/manifests/init.pp`, { text: manifest(module) }),
  );
  return [
    ...shadow,
    ...later,
    one("a class that was asked for in vain", "site/profile/manifests/extra.pp", { text: manifest("profile::extra") }),
    one("a class that nobody asked for", "site/profile/manifests/other.pp", { text: manifest("profile::other") }),
    one("a class in the file of its module", "site/profile/manifests/init.pp", { text: manifest("profile") }),
    one("a class of another name in init.pp", "site/profile/manifests/init.pp", {
      text: "class profile {\n}\nclass profile::extra {\n  notify { 'extra': }\n}\n",
    }),
    one("the first of two files", "site/profile/files/banner.local", { text: "local\n" }),
    one("one more of a folder", "site/profile/files/motd.d/30-third", { text: "third\n" }),
    one("a main manifest before the others", "manifests/aaa.pp", { text: "notify { 'aaa': }\n" }),
    one("a main manifest after the others", "manifests/zzz.pp", { text: "node 'web01.lon.example.net' {\n  include profile::unused\n}\n" }),
    one("a 4x function hides a 3x one", "modules/tool/lib/puppet/functions/tool_level.rb", {
      text: "Puppet::Functions.create_function(:tool_level) do\n  def tool_level\n    'hidden'\n  end\nend\n",
    }),
    one("a function in Ruby hides one of the language", "modules/tool/lib/puppet/functions/tool/flat.rb", {
      text: "Puppet::Functions.create_function(:'tool::flat') do\n  def flat(hash)\n    'ruby'\n  end\nend\n",
    }),
    one("the environment's own function hides a module's", "functions/tool_level.pp", {
      text: "function tool_level() {\n  'mine'\n}\n",
    }),
    one("a type of the environment", "types/count.pp", { text: "type Count = Integer\n" }),
    one("a resource type in Ruby", "modules/pack/lib/puppet/type/other.rb", {
      text: "Puppet::Type.newtype(:other) do\n  newparam(:name)\nend\n",
    }),
    one("a new module", "modules/fresh/manifests/init.pp", { text: manifest("fresh") }),
    one("a new module with metadata", "modules/fresh/metadata.json", {
      text: '{"name":"example-fresh","version":"1.0.0","author":"e","summary":"s","license":"x","source":"","dependencies":[]}\n',
    }),
    one("module data where there was none", "modules/tool/hiera.yaml", {
      text: "---\nversion: 5\nhierarchy:\n  - name: all\n    path: all.yaml\n",
    }),
    one("a file becomes a link", "site/profile/files/banner", { text: "notes.txt", link: true }),
    one("a template becomes a link", "site/profile/templates/site.erb", { text: "web.conf.epp", link: true }),
    one("a link that nobody asks for", "site/profile/files/link", { text: "notes.txt", link: true }),
    one("a module that is a link", "modules/linked", { text: "../site/profile", link: true }),
    ...(files.has("data/roles/web.yaml") ? [one("data becomes a link", "data/roles/web.yaml", { text: "db.yaml", link: true })] : []),
  ];
}

/** Layers of the data without one of them or in another order, and the environment's own settings. */
function settings(files: Files): Mutation[] {
  const hiera = files.get("hiera.yaml") ?? "";
  const [head = "", ...layers] = hiera.split(/(?=^ {2}- name: )/mu);
  const write = (kept: readonly string[]): Edit => ({ text: `${head}${kept.join("")}` });
  return [
    ...layers.map((_, at) => one(`hiera.yaml without layer ${at + 1}`, "hiera.yaml", write(layers.toSpliced(at, 1)))),
    one("hiera.yaml the other way round", "hiera.yaml", write(layers.toReversed())),
    one("module path the other way round", "environment.conf", { text: "modulepath = modules:site\nmanifest = manifests\n" }),
    one("one main manifest", "environment.conf", { text: "modulepath = site:modules\nmanifest = manifests/site.pp\n" }),
    one("environment.conf with a comment", "environment.conf", { text: `# words\n${files.get("environment.conf") ?? ""}` }),
    one("metadata with a dependency", "modules/tool/metadata.json", {
      text: (files.get("modules/tool/metadata.json") ?? "").replace('"dependencies": []', '"dependencies": [{"name":"example/edge"}]'),
    }),
  ];
}

/** What no rule above makes: other names, other bodies, other bounds. */
function handmade(files: Files): Mutation[] {
  const swap = (path: string, from: string, to: string): Mutation => {
    const text = files.get(path);
    if (text === undefined || !text.includes(from)) throw new Error(`${path} has no ${from}`);
    return one(`${path}: ${from} -> ${to}`, path, { text: text.replace(from, to) });
  };
  return [
    swap("site/profile/types/count.pp", "[1, 64]", "[1, 6]"),
    swap("site/profile/types/path.pp", "Tool::Path", "String"),
    swap("modules/tool/types/path.pp", "\\/\\w+", "\\/etc"),
    swap("modules/tool/lib/puppet/functions/tool/double.rb", "number * 2", "number * 3"),
    swap("modules/tool/lib/puppet/parser/functions/tool_level.rb", "upcase", "reverse"),
    swap("modules/tool/lib/puppet/type/gauge.rb", "Integer(value)", "Integer(value) + 1"),
    swap("modules/pack/lib/puppet_x/pack_help.rb", "help", "halp"),
    swap("site/profile/lib/puppet/functions/profile/lines.rb", "'|'", "'-'"),
    swap("site/profile/lib/puppet/functions/profile/folder.rb", ".sort", ".sort.reverse"),
    swap("manifests/site.pp", "/^web\\d+\\./", "/^web01\\./"),
    swap("manifests/site.pp", "/^db/", "/^app/"),
    swap("manifests/site.pp", "node default", "node 'nobody'"),
    swap("manifests/site.pp", "'odd.lon.example.net'", "'web01.lon.example.net'"),
    swap("manifests/site.pp", "include role::store", "include role::web"),
    swap("modules/base/manifests/init.pp", "contain base::users", "include base::users"),
    swap("site/profile/manifests/store.pp", "Tool::Watch <| every == 30 |>", "Tool::Watch <| every == 31 |>"),
    swap("site/profile/manifests/app.pp", "inherits profile::params", ""),
    swap("data/common.yaml", "strategy: deep", "strategy: hash"),
    swap("data/common.yaml", "merge: unique", "merge: first"),
    swap("data/common.yaml", "alias('store_root')", "alias('listen')"),
    swap("data/common.yaml", "lookup('listen')", "lookup('contact')"),
  ];
}
