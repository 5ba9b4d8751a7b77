import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const scripts = join(import.meta.dirname, "..", "..", "src", "puppet", "worker");
const script = join(scripts, "loaded_once.rb");

/** What Puppet's autoloader and Ruby make of two files, in a process of our own: nothing of a tree is in them. */
function loaded(isOurs: boolean): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  try {
    writeFileSync(join(folder, "counted.rb"), "$counted = $counted.to_i + 1\n$who = self.to_s\nHERE = __FILE__ unless defined?(HERE)\n");
    writeFileSync(join(folder, "broken.rb"), "$broken = $broken.to_i + 1\nraise 'broken'\n");
    const program = `
require "json"
require "puppet"
Puppet.initialize_settings(["confdir", "codedir", "vardir"].map { |name| "--#{name}=${folder}/none" }, false)
Puppet::Util::Log.level = :emerg
$LOAD_PATH.unshift("${folder}")
${isOurs ? `require "${script}"` : ""}
environment = Puppet::Node::Environment.create(:none, [])
load = lambda do |name|
  Puppet::Util::Autoload.load_file(name, environment)
rescue Puppet::Error => e
  e.message
end
features = -> { $LOADED_FEATURES.grep(%r{/(counted|broken)\\.rb}).map { |path| File.basename(path) } }
said = [load.call("counted"), $counted, require("counted"), load.call("counted"), $counted, $who, HERE == "${folder}/counted.rb"]
said << load.call("broken") << require("broken") << $broken << load.call("nothing") << features.call
said << Puppet::Util::Autoload.loaded?("counted") << Puppet::Util::Autoload.loaded?("broken")
puts JSON.generate(said)`;
    return JSON.parse(execFileSync("ruby", ["-e", program], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })) as unknown[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it("loads files once and again, says what failed, and marks them, as Puppet by itself", () => {
  const ours = loaded(true);
  expect(ours).toEqual(loaded(false));
  expect(ours.slice(0, 7)).toEqual([true, 1, false, true, 2, "main", true]);
});

it("parses a template once, and says each time what is wrong with one", () => {
  const folder = mkdtempSync(join(tmpdir(), "puppet-gate-test-"));
  try {
    writeFileSync(join(folder, "good.epp"), "<%- | Integer $n | -%>\nn is <%= $n %>\n");
    writeFileSync(join(folder, "bad.epp"), "<% if { %>\n");
    const program = `
require "json"
require "puppet"
Puppet.initialize_settings(["confdir", "codedir", "vardir"].map { |name| "--#{name}=${folder}/none" }, false)
require "${scripts}/epp_once.rb"
Puppet.push_context(Puppet.base_context(Puppet.settings))
parse = ->(name) { Puppet::Pops::Parser::EvaluatingParser::EvaluatingEppParser.new.parse_file("${folder}/#{name}.epp") }
errors = Array.new(2) do
  parse.call("bad") && nil
rescue Puppet::ParseError => e
  e.message
end
first = parse.call("good")
File.write("${folder}/good.epp", "else")
puts JSON.generate([first.equal?(parse.call("good")), first.class.name, errors.uniq.size, errors.first.include?("Syntax error")])`;
    const said: unknown = JSON.parse(execFileSync("ruby", ["-e", program], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
    expect(said).toEqual([true, "Puppet::Pops::Model::Program", 1, true]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
