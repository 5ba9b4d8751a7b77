import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { facts, type Files } from "./stage.ts";

/** A change that lets secrets out by every way that was thought of, on nodes of their own where a compile ends by it. */

/** Each marked as a secret in one way; none is in anything else of the change. */
export const secrets = {
  /** Of hiera by `convert_to`, before and after. */
  old: "Correct horse/battery?staple",
  fresh: 'an "other" s\\ecret & of ours',
  /** Made by a function of Ruby. */
  ruby: "made-by-ruby-0815",
  /** In a manifest that nobody compiles. */
  literal: "spelled-out-in-a-manifest",
  /** Saved from hiera-eyaml's editor. */
  saved: "saved-in-the-clear",
  /** In data that does not parse. */
  json: "between-broken-braces",
  yaml: "behind-a-star",
};

/** Ways for any secret to be written. */
export const forms = (text: string): string[] => [
  text,
  Buffer.from(text).toString("base64").replaceAll("=", ""),
  Buffer.from(text).toString("hex"),
  encodeURIComponent(text),
  JSON.stringify(text).slice(1, -1),
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
];

/** The names of the secrets that a text gives away in any form. */
export const foundIn = (text: string): string[] => {
  const all = text.toLowerCase();
  return Object.entries(secrets).flatMap(([name, secret]) =>
    forms(secret).some((form) => all.includes(form.toLowerCase())) ? [name] : [],
  );
};

/** Names and bytes of a folder of kept compiles, and how many of each kind there are: a search of none would prove nothing. */
export function keptIn(folder: string): { compiles: number; records: number; text: string } {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile());
  const count = (kind: string): number => files.filter((name) => new RegExp(`^${kind}/[0-9a-f]+/[0-9a-f]{64}$`, "u").test(name)).length;
  const text = files.map((name) => `${name}\n${readFileSync(join(folder, name), "latin1")}`).join("\n");
  return { compiles: count("compiles"), records: count("records"), text };
}

const failing: Record<string, string> = {
  "fails.example": 'fail("it is ${$pw.unwrap}")',
  "class.example": "include \"x_${$pw.unwrap.regsubst('[^a-z]', '_', 'G')}\"",
  "template.example": 'notify { epp("profile/${$pw.unwrap}.epp"): }',
  "ruby.example": "fail(profile::secret().unwrap)",
  "mismatch.example": "profile::port { 'x': port => $pw.unwrap }",
  "json.example": "notice(lookup('broken'))",
  "yaml.example": "notice(lookup('broken'))",
  "encrypted.example": "fail(\"${lookup('enc')}\")",
};
const shown = `
  file { '/etc/pw': content => $pw }
  file { '/etc/unwrapped': content => "pw=\${$pw.unwrap}" }
  file { '/etc/ruby': content => profile::secret().unwrap }
  file { '/etc/forms': content => inline_template("<%= require 'cgi'; require 'json'; x = @raw; [x, [x].pack('m0'), x.unpack1('H*'), CGI.escape(x), x.to_json, CGI.escapeHTML(x)].join(' ') %>") }
  file { "/etc/\${md5('x')}-\${$pw.unwrap.regsubst('/', '_', 'G')}": content => 'title' }
  file { '/etc/served': source => 'puppet:///modules/profile/leak' }
  file { '/etc/named': source => "puppet:///modules/profile/\${$pw.unwrap}" }
  notify { "title \${$pw.unwrap}": tag => profile::secret().unwrap, alias => 'x' }
  notify { 'nested': message => { 'a' => [$pw, { $pw.unwrap => 1 }] } }
  notify { 'deferred': message => Deferred('sprintf', ['%s %s', $pw, $pw.unwrap]) }
  notify { 'encrypted': message => "user:\${lookup('enc')}" }
  notify { 'saved': message => lookup('saved') }
  exec { "/bin/echo \${$pw.unwrap}": require => Notify["title \${$pw.unwrap}"] }
  @@notify { "exported \${$pw.unwrap}": }
  profile::port { "define \${$pw.unwrap}": port => 1 }`;

export const nodes = ["shown.example", ...Object.keys(failing)];
const statement = (certname: string, body: string): string =>
  `node '${certname}' {\n  $pw = lookup('pw', Sensitive)\n  $raw = $pw.unwrap\n  ${body}\n}\n`;
const data = (pw: string, blob: string, saved: string): Files => ({
  "data/common.yaml": `---\npw: ${JSON.stringify(pw)}\nlookup_options: {pw: {convert_to: Sensitive}}\n`,
  "data/secrets.eyaml": `---\nenc: ENC[PKCS7,${blob.repeat(40)}]\nsaved: ${saved}\n`,
});

export const base: Files = {
  "environment.conf": "modulepath = site\n",
  "hiera.yaml": [
    "version: 5",
    "hierarchy:",
    '  - {name: json, path: "%{trusted.certname}.json", data_hash: json_data}',
    '  - {name: own, path: "%{trusted.certname}.yaml", data_hash: yaml_data}',
    "  - {name: secrets, path: secrets.eyaml, lookup_key: eyaml_lookup_key, options: {pkcs7_private_key: /etc/eyaml/private.pem}}",
    "  - {name: common, path: common.yaml, data_hash: yaml_data}",
    "defaults: {datadir: data}\n",
  ].join("\n"),
  ...data(secrets.old, "A", "nothing yet"),
  "manifests/site.pp": nodes.map((certname) => statement(certname, "notify { 'hello': }")).join(""),
  "site/profile/manifests/port.pp": "# @summary A port\ndefine profile::port (Integer $port) {\n}\n",
  "site/profile/lib/puppet/functions/profile/secret.rb": `Puppet::Functions.create_function(:'profile::secret') do\n  def secret\n    Puppet::Pops::Types::PSensitiveType::Sensitive.new('${secrets.ruby}')\n  end\nend\n`,
  ...Object.fromEntries(nodes.map((certname) => [`facts/${certname}.json`, facts(certname)])),
};

export const head: Files = {
  ...data(secrets.fresh, "B", `DEC::PKCS7[${secrets.saved}]!`),
  "manifests/site.pp":
    statement("shown.example", shown) +
    Object.entries(failing)
      .map(([certname, body]) => statement(certname, body))
      .join(""),
  "site/profile/files/leak": `served ${secrets.fresh}\n`,
  "data/json.example.json": `{"broken": "${secrets.json}" "x": 1}\n`,
  "data/yaml.example.yaml": `---\nbroken: *${secrets.yaml}\n`,
  "site/profile/manifests/unused.pp": `# @summary Nobody's\nclass profile::unused {\n  $x = Sensitive("${secrets.literal}")\n}\n`,
  "site/profile/manifests/wrong.pp": `class profile::wrong {\n  $x = Sensitive('${secrets.literal}') '${secrets.literal}'\n}\n`,
};
