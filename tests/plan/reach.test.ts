import { describe, expect, it } from "vitest";
import { isDataAlone } from "../../src/plan/changed.ts";
import { reached } from "../../src/plan/reach.ts";
import { changedBetween, edited, root, traceOf, type Files } from "./world.ts";

/** A control repo with two nodes: web01 has a role and reads much; db01 has another role, and nothing of what web01 reads. */
const base: Files = {
  "environment.conf": "modulepath = site:modules\n",
  "hiera.yaml": "version: 5\n",
  Puppetfile: "mod 'x'\n",
  "README.md": "# control\n",
  "manifests/site.pp": "node default {}\n",
  "functions/tell.pp": "function environment::tell() { 1 }\n",
  "data/common.yaml": "---\nprofile::nginx::workers: 2\nprofile::db::size: 10\nothers:\n  - a\n",
  "data/role/web.yaml": "profile::nginx::workers: 4\nprofile::nginx::tls: true # for all\n",
  "data/flat.json": '{"profile::nginx::vhosts": {"a": 1.0, "b": 2}, "unasked": 1}',
  "data/odd.yaml": "a: &x 1\nb: *x\n",
  "data/plain.conf": "a: 1\n",
  "site/profile/manifests/init.pp": "class profile {}\n",
  "site/profile/manifests/nginx.pp": "class profile::nginx($workers) {}\n",
  "site/profile/manifests/db.pp": "class profile::db($size) {}\n",
  "site/profile/manifests/vhost.pp": "define profile::vhost() {}\n",
  "site/profile/manifests/misfits.pp": "class profile::misfits {}\nclass profile::stray {}\n",
  "site/profile/functions/port.pp": "function profile::port() { 80 }\n",
  "site/profile/lib/puppet/functions/profile/pick.rb": "Puppet::Functions.create_function(:'profile::pick') { }\n",
  "site/profile/lib/puppet/parser/functions/legacy.rb": "module Puppet::Parser::Functions\nend\n",
  "modules/nginx/lib/puppet/parser/functions/old.rb": "Puppet::Parser::Functions.newfunction(:old, type: :rvalue) { |a| 1 }\n",
  "modules/nginx/lib/puppet/parser/functions/uses.rb": "Puppet::Parser::Functions.newfunction(:uses) { |a| function_old(a) }\n",
  "modules/nginx/lib/puppet/type/thing.rb": "Puppet::Type.newtype(:thing)\n",
  "modules/nginx/manifests/init.pp": "class nginx(Nginx::Port $port) {}\n",
  "modules/nginx/manifests/server.pp": "define nginx::server() {}\n",
  "modules/nginx/metadata.json": "{}",
  "modules/nginx/hiera.yaml": "version: 5\n",
  "modules/nginx/types/port.pp": "type Nginx::Port = Integer\n",
  "modules/nginx/types/ports.pp": "type Nginx::Ports = Array[Nginx::Port]\n",
  "modules/nginx/templates/nginx.conf.erb": "workers <%= @workers %>\n",
  "modules/nginx/templates/ports.epp": "<% |Nginx::Ports $ports| %>\n",
  "modules/nginx/files/motd": "hello\n",
  "modules/nginx/files/tree/a": "a\n",
  "modules/nginx/files/tree/deep/b": "b\n",
  "modules/nginx/files/read.txt": "read by file()\n",
  "modules/typeset/types/init_typeset.pp": "type Typeset = TypeSet[{}]\n",
  "modules/typeset/manifests/init.pp": "class typeset {}\n",
  "vendor/real/manifests/init.pp": "class linked {}\n",
  "vendor/real/templates/x.erb": "x\n",
  "modules/linked": "120000 ../vendor/real",
  "modules/outside": "160000 abc",
};

const at = (path: string): string => `${root}/${path}`;

const web01 = traceOf({
  node: "default",
  manifests: ["role::web", "profile", "profile::nginx", "profile::vhost", "profile::stray", "nginx", "nginx::server", "linked", "typeset"],
  functions: ["profile::port", "environment::tell", "uses", "profile::pick", "template", "nope"],
  types: ["stdlib::absolutepath", "typeset::kind", "nginx::ports"],
  files: [
    at("modules/nginx/templates/nginx.conf.erb"),
    at("modules/nginx/files/read.txt"),
    at("modules/nginx/templates/none.erb"),
    at("modules/linked/templates/x.erb"),
    at("site/profile/files"),
  ],
  folders: [at("data/nodes")],
  data: [
    { path: at("data/common.yaml"), keys: ["profile::nginx::workers", "lookup_options"] },
    { path: at("data/role/web.yaml"), keys: ["profile::nginx::workers", "profile::nginx::tls", "lookup_options"] },
    { path: at("data/flat.json"), keys: ["profile::nginx::vhosts", "lookup_options"] },
    { path: at("data/odd.yaml"), keys: ["profile::nginx::workers"] },
    { path: at("data/plain.conf"), keys: null },
  ],
  absent: [at("data/nodes/web01.yaml"), at("data/nodes/web01.json")],
  keys: ["profile::nginx::workers", "profile::nginx::tls", "profile::nginx::vhosts", "lookup_options"],
});

const db01 = traceOf({
  node: "default",
  manifests: ["profile", "profile::db"],
  data: [{ path: at("data/common.yaml"), keys: ["profile::db::size", "lookup_options"] }],
  absent: [at("data/nodes/db01.yaml")],
  keys: ["profile::db::size", "lookup_options"],
});

interface Row {
  change: string;
  edits: Readonly<Record<string, string | null>>;
  /** Why web01 is compiled; null where it is not. */
  web?: string | null;
  db?: string | null;
}

const fleet = (why: string): Pick<Row, "web" | "db"> => ({ web: why, db: why });

const rows: Row[] = [
  { change: "nothing", edits: {} },
  // --- hiera
  {
    change: "a key that one node asks",
    edits: { "data/role/web.yaml": "profile::nginx::workers: 8\nprofile::nginx::tls: true # for all\n" },
    web: "hiera key profile::nginx::workers in data/role/web.yaml",
  },
  {
    change: "a key of the common data",
    edits: { "data/common.yaml": "---\nprofile::nginx::workers: 2\nprofile::db::size: 11\nothers:\n  - a\n" },
    db: "hiera key profile::db::size in data/common.yaml",
  },
  {
    change: "a key that nobody asks",
    edits: { "data/common.yaml": "---\nprofile::nginx::workers: 2\nprofile::db::size: 10\nothers:\n  - b\n" },
  },
  {
    change: "a comment in data",
    edits: { "data/common.yaml": "---\n# hello\nprofile::nginx::workers: 2\n# hello\nprofile::db::size: 10\nothers:\n  - a\n" },
  },
  {
    change: "keys change places",
    edits: { "data/common.yaml": "---\nothers:\n  - a\nprofile::db::size: 10\nprofile::nginx::workers: 2\n" },
  },
  {
    change: "a key goes",
    edits: { "data/role/web.yaml": "profile::nginx::workers: 4\n" },
    web: "hiera key profile::nginx::tls in data/role/web.yaml",
  },
  {
    change: "lookup_options come",
    edits: { "data/common.yaml": "---\nlookup_options: {}\nprofile::nginx::workers: 2\nprofile::db::size: 10\nothers:\n  - a\n" },
    web: "hiera key lookup_options in data/common.yaml",
    db: "hiera key lookup_options in data/common.yaml",
  },
  {
    change: "a value of the JSON data that is another number to Ruby",
    edits: { "data/flat.json": '{"profile::nginx::vhosts": {"a": 1, "b": 2}, "unasked": 1}' },
    web: "hiera key profile::nginx::vhosts in data/flat.json",
  },
  {
    change: "the order in a hash of the JSON data",
    edits: { "data/flat.json": '{"profile::nginx::vhosts": {"b": 2, "a": 1.0}, "unasked": 1}' },
    web: "hiera key profile::nginx::vhosts in data/flat.json",
  },
  {
    change: "white space and an unasked key of the JSON data",
    edits: { "data/flat.json": '{\n"profile::nginx::vhosts":{"a":1.0,"b":2},\n"unasked":2}\n' },
  },
  { change: "data whose keys can't be told apart", edits: { "data/odd.yaml": "a: &x 2\nb: *x\n" }, web: "hiera data in data/odd.yaml" },
  { change: "data of which all is read", edits: { "data/plain.conf": "a: 1\n# more\n" }, web: "hiera data in data/plain.conf" },
  {
    change: "data that stops being YAML",
    edits: { "data/common.yaml": "---\nprofile::nginx::workers: 2\nothers: 'a\n" },
    web: "hiera data in data/common.yaml",
    db: "hiera data in data/common.yaml",
  },
  {
    change: "a data file appears with a key that is asked",
    edits: { "data/nodes/web01.yaml": "profile::nginx::workers: 9\n" },
    web: "hiera key profile::nginx::workers in data/nodes/web01.yaml",
  },
  {
    change: "a data file appears in a folder that nobody lists, with a key that nobody asks",
    edits: { "data/nodes/db01.yaml": "profile::nginx::workers: 9\n" },
    web: "folder data/nodes, in which data/nodes/db01.yaml came or went",
  },
  { change: "a data file appears that is a list", edits: { "data/nodes/web01.json": "[]" }, web: "hiera data in data/nodes/web01.json" },
  {
    change: "a data file appears with lookup_options alone",
    edits: { "data/nodes/db01.yaml": "lookup_options: {}\n" },
    web: "folder data/nodes, in which data/nodes/db01.yaml came or went",
    db: "hiera key lookup_options in data/nodes/db01.yaml",
  },
  { change: "a data file goes", edits: { "data/role/web.yaml": null }, web: "hiera key profile::nginx::workers in data/role/web.yaml" },
  {
    change: "a data file is renamed",
    edits: { "data/role/web.yaml": null, "data/role/www.yaml": base["data/role/web.yaml"] ?? "" },
    web: "hiera key profile::nginx::workers in data/role/web.yaml",
  },
  { change: "a data file of another case", edits: { "data/nodes2/WEB01.yaml": "profile::nginx::workers: 9\n" } },
  // --- manifests
  {
    change: "a class",
    edits: { "site/profile/manifests/nginx.pp": "class profile::nginx {}\n" },
    web: "class profile::nginx (site/profile/manifests/nginx.pp)",
  },
  {
    change: "a class of the other role",
    edits: { "site/profile/manifests/db.pp": "class profile::db {}\n" },
    db: "class profile::db (site/profile/manifests/db.pp)",
  },
  {
    change: "a define",
    edits: { "site/profile/manifests/vhost.pp": "define profile::vhost($x) {}\n" },
    web: "define profile::vhost (site/profile/manifests/vhost.pp)",
  },
  { change: "a class that nobody has", edits: { "site/profile/manifests/unused.pp": "class profile::unused {}\n" } },
  {
    change: "a module's init.pp, for whoever has any class of the module",
    edits: { "site/profile/manifests/init.pp": "class profile { notice('x') }\n" },
    web: "class profile (site/profile/manifests/init.pp)",
    db: "class profile (site/profile/manifests/init.pp)",
  },
  {
    change: "the class that a name was asked for in vain",
    edits: { "site/role/manifests/web.pp": "class role::web {}\n" },
    ...fleet("module role is new (site/role)"),
  },
  {
    change: "a file of a name above one that is asked",
    edits: { "modules/nginx/manifests/server/location.pp": "class nginx::server::location {}\n" },
  },
  {
    change: "a file in the way of a name",
    edits: { "site/profile/manifests/nginx.pp": null, "site/profile/manifests/nginx/deep.pp": "class profile::nginx::deep {}\n" },
    web: "class profile::nginx (site/profile/manifests/nginx.pp)",
  },
  {
    change: "a class that is not where its name says",
    edits: { "site/profile/manifests/misfits.pp": "class profile::misfits {}\nclass profile::stray { }\n" },
    web: "class profile::stray (site/profile/manifests/misfits.pp)",
  },
  {
    change: "a second definition of a class elsewhere",
    edits: { "site/profile/manifests/other.pp": "class profile::other {}\nclass profile::db {}\n" },
    db: "class profile::db (site/profile/manifests/other.pp)",
  },
  {
    change: "a class inside another",
    edits: { "site/profile/manifests/outer.pp": "class profile {\n class db {}\n}\n" },
    web: "class profile (site/profile/manifests/outer.pp)",
    db: "class profile (site/profile/manifests/outer.pp)",
  },
  {
    change: "a class is renamed",
    edits: { "site/profile/manifests/db.pp": null, "site/profile/manifests/database.pp": "class profile::database {}\n" },
    db: "class profile::db (site/profile/manifests/db.pp)",
  },
  {
    change: "a manifest that can be executed now",
    edits: { "site/profile/manifests/db.pp": "100755 class profile::db($size) {}\n" },
    db: "class profile::db (site/profile/manifests/db.pp)",
  },
  {
    change: "the main manifest",
    edits: { "manifests/site.pp": "node default { }\n" },
    ...fleet("manifests changed: the main manifest is read for every node"),
  },
  {
    change: "one more main manifest",
    edits: { "manifests/more.pp": "notice('x')\n" },
    ...fleet("manifests changed: the main manifest is read for every node"),
  },
  // --- functions
  {
    change: "a function in Puppet's language",
    edits: { "site/profile/functions/port.pp": "function profile::port() { 81 }\n" },
    web: "function profile::port (site/profile/functions/port.pp)",
  },
  {
    change: "a function of the environment",
    edits: { "functions/tell.pp": "function environment::tell() { 2 }\n" },
    web: "function environment::tell (functions/tell.pp)",
  },
  {
    change: "a function in Ruby",
    edits: { "site/profile/lib/puppet/functions/profile/pick.rb": "Puppet::Functions.create_function(:'profile::pick') { 1 }\n" },
    web: "function profile::pick (site/profile/lib/puppet/functions/profile/pick.rb)",
  },
  {
    change: "a function that was asked for in vain",
    edits: { "modules/nginx/lib/puppet/functions/nope.rb": "Puppet::Functions.create_function(:nope) { }\n" },
    web: "function nope (modules/nginx/lib/puppet/functions/nope.rb)",
  },
  {
    change: "a function that hides one of Puppet",
    edits: { "site/profile/lib/puppet/parser/functions/template.rb": "Puppet::Parser::Functions.newfunction(:template) { }\n" },
    web: "function template (site/profile/lib/puppet/parser/functions/template.rb)",
  },
  {
    change: "an old function that another one calls by its method",
    edits: { "modules/nginx/lib/puppet/parser/functions/old.rb": "Puppet::Parser::Functions.newfunction(:old, type: :rvalue) { |a| 2 }\n" },
    web: "function uses (modules/nginx/lib/puppet/parser/functions/uses.rb, which names old)",
  },
  {
    change: "a function made under another name than its file's",
    edits: { "modules/nginx/lib/puppet/parser/functions/new.rb": "Puppet::Parser::Functions.newfunction('profile::port') { }\n" },
    web: "function profile::port (modules/nginx/lib/puppet/parser/functions/new.rb)",
  },
  {
    change: "a function whose name is made at run time",
    edits: { "modules/nginx/lib/puppet/parser/functions/many.rb": "%w[a b].each { |n| Puppet::Parser::Functions.newfunction(n) { } }\n" },
    ...fleet("modules/nginx/lib/puppet/parser/functions/many.rb changed: it makes functions whose names are not plain in its text"),
  },
  {
    change: "a function with a module of its own",
    edits: { "site/profile/lib/puppet/parser/functions/legacy.rb": "module Puppet::Parser::Functions\n\nend\n" },
    ...fleet("site/profile/lib/puppet/parser/functions/legacy.rb changed: its Ruby defines more than functions"),
  },
  { change: "a function that nobody calls", edits: { "site/profile/functions/other.pp": "function profile::other() { 1 }\n" } },
  // --- types
  {
    change: "an alias, for the class whose parameter has it",
    edits: { "modules/nginx/types/port.pp": "type Nginx::Port = String\n" },
    web: "class nginx (modules/nginx/manifests/init.pp, which names nginx::port)",
  },
  { change: "an alias that nobody names", edits: { "modules/nginx/types/unused.pp": "type Nginx::Unused = String\n" } },
  {
    change: "a set of types",
    edits: { "modules/typeset/types/init_typeset.pp": "type Typeset = TypeSet[{types => {}}]\n" },
    web: "data type typeset (modules/typeset/types/init_typeset.pp)",
  },
  {
    change: "an alias of the environment",
    edits: { "types/mine.pp": "type Environment::Mine = String\n" },
    ...fleet("types/mine.pp changed: data types of the environment are known to all of it"),
  },
  // --- files
  {
    change: "a template",
    edits: { "modules/nginx/templates/nginx.conf.erb": "workers\n" },
    web: "template modules/nginx/templates/nginx.conf.erb",
  },
  {
    change: "a template that was looked for in vain",
    edits: { "modules/nginx/templates/none.erb": "here\n" },
    web: "template modules/nginx/templates/none.erb",
  },
  {
    change: "a template is gone",
    edits: { "modules/nginx/templates/nginx.conf.erb": null },
    web: "template modules/nginx/templates/nginx.conf.erb",
  },
  {
    change: "a file whose content a function reads",
    edits: { "modules/nginx/files/read.txt": "other\n" },
    web: "file modules/nginx/files/read.txt",
  },
  {
    change: "a folder that was looked for in vain",
    edits: { "site/profile/files/x": "x\n" },
    web: "folder site/profile/files, in which site/profile/files/x came or went",
  },
  { change: "a template that only others use", edits: { "modules/nginx/templates/ports.epp": "<% |Nginx::Ports $p| %>\n" } },
  {
    change: "a file in a folder that is listed",
    edits: { "data/nodes/sub/x.txt": "x" },
    web: "folder data/nodes, in which data/nodes/sub/x.txt came or went",
  },
  { change: "documentation", edits: { "README.md": "# other\n", "docs/x.md": "x" } },
  // --- served files: the catalog is the same, and its files are compared where it is looked at
  { change: "a served file", edits: { "modules/nginx/files/motd": "hi\n" } },
  {
    change: "a file deep in a served folder",
    edits: { "modules/nginx/files/tree/deep/b": "c\n" },
  },
  {
    change: "a served file that was missing",
    edits: { "modules/nginx/files/later": "now\n" },
  },
  {
    change: "a served folder loses a file",
    edits: { "modules/nginx/files/tree/a": null },
  },
  // --- links and submodules
  {
    change: "a class behind a link",
    edits: { "vendor/real/manifests/init.pp": "class linked { }\n" },
    web: "class linked (modules/linked/manifests/init.pp)",
  },
  { change: "a template behind a link", edits: { "vendor/real/templates/x.erb": "y\n" }, web: "template vendor/real/templates/x.erb" },
  {
    change: "a link leads elsewhere",
    edits: { "modules/linked": "120000 ../vendor/other" },
    ...fleet("modules/linked is a symbolic link that changed"),
  },
  { change: "a link comes", edits: { "docs/link": "120000 ../README.md" }, ...fleet("docs/link is a symbolic link that changed") },
  { change: "a link becomes a file", edits: { "modules/linked": "x" }, ...fleet("modules/linked is a symbolic link that changed") },
  { change: "a submodule moves", edits: { "modules/outside": "160000 abd" }, ...fleet("modules/outside is a submodule that changed") },
  // --- the whole fleet
  { change: "hiera.yaml", edits: { "hiera.yaml": "version: 5\n\n" }, ...fleet("hiera.yaml changed: every compile depends on it") },
  {
    change: "a module's hiera.yaml",
    edits: { "modules/nginx/hiera.yaml": null },
    ...fleet("modules/nginx/hiera.yaml changed: it says where the module's data is"),
  },
  { change: "environment.conf", edits: { "environment.conf": "" }, ...fleet("environment.conf changed: every compile depends on it") },
  { change: "the Puppetfile", edits: { Puppetfile: "" }, ...fleet("Puppetfile changed: every compile depends on it") },
  {
    change: "metadata.json",
    edits: { "modules/nginx/metadata.json": '{"name":"x"}' },
    ...fleet("modules/nginx/metadata.json changed: it says what other modules the module sees"),
  },
  {
    change: "a resource type",
    edits: { "modules/nginx/lib/puppet/type/thing.rb": "" },
    ...fleet("modules/nginx/lib/puppet/type/thing.rb changed: what lies in lib may be loaded by any compile"),
  },
  {
    change: "Ruby that anything may require",
    edits: { "site/profile/lib/puppet_x/help.rb": "x" },
    ...fleet("site/profile/lib/puppet_x/help.rb changed: what lies in lib may be loaded by any compile"),
  },
  {
    change: "what is no Ruby in lib",
    edits: { "site/profile/lib/data.txt": "x" },
    ...fleet("site/profile/lib/data.txt changed: what lies in lib may be loaded by any compile"),
  },
  {
    change: "described resource types",
    edits: { ".resource_types/a.pp": "x" },
    ...fleet(".resource_types/a.pp changed: it describes resource types"),
  },
  {
    change: "a module hides another",
    edits: { "site/nginx/README.md": "x" },
    ...fleet("module nginx is taken from site/nginx now, and was from modules/nginx"),
  },
  { change: "a new module", edits: { "modules/fresh/README.md": "x" }, ...fleet("module fresh is new (modules/fresh)") },
  {
    change: "a module goes",
    edits: { "modules/typeset/types/init_typeset.pp": null, "modules/typeset/manifests/init.pp": null },
    ...fleet("module typeset is gone (modules/typeset)"),
  },
  { change: "what is no module's name", edits: { "modules/Not-A-Module/manifests/init.pp": "class x {}\n" } },
];

it.each<[string, Parameters<typeof edited>[1], boolean]>([
  ["a value", { "data/common.yaml": "nginx::workers: 9\n" }, true],
  ["a comment in data", { "data/common.yaml": `# words\n${base["data/common.yaml"]}` }, true],
  ["data that comes", { "data/new.yaml": "a: 1\n" }, false],
  ["data that can't be told apart by its keys", { "data/common.yaml": "- a\n- b\n" }, false],
  ["a value and code", { "data/common.yaml": "nginx::workers: 9\n", "modules/nginx/manifests/init.pp": "class nginx { }\n" }, false],
  ["a template", { "modules/nginx/templates/nginx.conf.erb": "x" }, false],
  ["everything", { "hiera.yaml": "---\nversion: 5\n" }, false],
])("knows whether data alone differs: %s", async (_, edits, expected) => {
  expect(isDataAlone(await changedBetween(base, edited(base, edits)))).toBe(expected);
});

describe("whom a change reaches", () => {
  it("is told for enough changes", () => expect(rows.length).toBeGreaterThan(60));

  it.each(rows)("$change", async ({ edits, web, db }) => {
    const changed = await changedBetween(base, edited(base, edits));
    expect({
      web: reached("web01", web01, changed)?.text ?? null,
      db: reached("db01", db01, changed)?.text ?? null,
    }).toEqual({ web: web ?? null, db: db ?? null });
  });
});
