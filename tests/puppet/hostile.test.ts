import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { CompileOutcome } from "../../src/engine/ports/compile.ts";
import type { NodeFacts } from "../../src/engine/ports/nodes.ts";
import type { OpenTree } from "../../src/engine/ports/puppet.ts";
import { catalogOf, codeMark, compileAll, makeFolder, node, openFolder, resource, startRaw, treeProcesses } from "./fixtures.ts";

/** On this machine, for everybody to read and to write: what keeps a tree from it must be the sandbox. */
const hostOnly = "known-to-the-host-alone";
const untouched = "untouched\n";

let host: Awaited<ReturnType<typeof makeFolder>>;
let tree: OpenTree;
/** The same under a shorter limit, for those that only a limit ends: until then they take all processors. */
let hurried: OpenTree;
let main: Awaited<ReturnType<typeof makeFolder>>;
let server: Server;
let connections = 0;
let outcomes: Map<string, CompileOutcome>;

const attackNames =
  "generate backticks file hiera template symlink network exit exit-bang memory stdout forged parent everyone recursion named lines title nested large dns".split(
    " ",
  );
const endlessNames = ["fork", "endless"];
/** A good node between any two hostile ones: each must get its catalog, whatever happened before it. */
const between = (names: readonly string[]): NodeFacts[] => names.flatMap((name) => [node(name), node(`good-after-${name}`)]);

const site = (canary: string, secret: string, port: number): string => `
node /^good/ { notify { 'fine': } }
node 'generate' { notify { generate('/bin/sh', '-c', 'echo pwned > ${canary}; cat ${secret}; ls /root /home; true'): } }
node 'backticks' { notify { inline_template("<%= \`echo pwned 2>&1 > ${canary}; cat ${secret} 2>&1; true\` %>"): } }
node 'file' { notify { file('${secret}', '/etc/shadow'): } }
node 'hiera' { notify { lookup('host_value', String, 'first', 'not found'): } }
node 'template' { notify { template('${secret}'): } }
node 'symlink' { notify { file('evil/linked'): } }
node 'network' { notify { evil::ruby("require 'socket'; begin; TCPSocket.new('127.0.0.1', ${port}); 'connected'; rescue SystemCallError => e; e.class.name; end"): } }
node 'exit' { notify { evil::ruby('exit 0'): } }
node 'exit-bang' { notify { evil::ruby('exit!(0)'): } }
node 'memory' { notify { evil::ruby("'a' * 10_000_000_000"): } }
node 'stdout' { notify { evil::ruby('200_000.times { puts "x" * 100 }; "said it all"'): } }
node 'forged' { notify { evil::ruby('forge("forged"); "forged"'): } }
node 'named' { notify { evil::ruby('forge("good-after-hiera"); sleep 100'): } }
node 'parent' { notify { evil::ruby('Process.kill(:KILL, Process.ppid); sleep 0.1; "still here"'): } }
node 'everyone' { notify { evil::ruby('Process.kill(:KILL, -1); "still here"'): } }
node 'recursion' { notify { evil::deep(1): } }
node 'thread' { notify { evil::ruby('Thread.new { sleep 0.3; forge("waits") }; "left a thread"'): } }
node 'waits' { notify { evil::ruby('sleep 1; "waited"'): } }
node 'lines' { notify { evil::ruby('$stdout.write("x\\n" * 10_000_000); "said ten million lines"'): } }
node 'title' { notify { evil::ruby('"t" * 1_000_000'): } }
node 'nested' { file { '/nested': content => evil::nested(500) } }
node 'large' { file { '/large': content => evil::ruby('"c" * 12_000_000') } }
node 'dns' { notify { evil::ruby("require 'socket'; begin; Addrinfo.getaddrinfo('puppet-gate.example', 80); 'resolved'; rescue SocketError => e; e.class.name; end"): } }
node 'fork' { notify { evil::ruby('spawn("perl", "-e", "fork while 1"); loop { fork { loop { } } }'): } }
node 'endless' { Integer[1, 100000000000].each |$i| { } }
`;

const evil = `
Puppet::Functions.create_function(:'evil::ruby') do
  def ruby(text) = eval(text).to_s
  # Writes what could pass for a catalog to whatever is open for writing.
  def forge(certname)
    catalog = { name: certname, resources: [], edges: [], classes: ['forged'] }
    line = JSON.generate({ certname: certname, ok: true, catalog: catalog, keys: [], kinds: [], munged: [], auto: [] })
    (3..1023).each do |fd|
      IO.for_fd(fd, 'w', autoclose: false).syswrite(line + "\\n")
    rescue SystemCallError, ArgumentError, IOError
    end
  end
end
`;

beforeAll(async () => {
  host = await makeFolder({ canary: untouched, "secret.yaml": `host_value: ${hostOnly}\n` });
  await chmod(join(host.folder, ".."), 0o755);
  await chmod(join(host.folder, "canary"), 0o666);
  const secret = join(host.folder, "secret.yaml");
  const canary = join(host.folder, "canary");
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  main = await makeFolder({
    "environment.conf": "config_version = /etc/puppetlabs/code/environments/production/version.sh\n",
    "version.sh": `#!/bin/sh\necho pwned > ${canary}\n`,
    "hiera.yaml": `version: 5\nhierarchy:\n  - {name: host, path: ${secret}}\n  - {name: glob, glob: "${host.folder}/*.yaml"}\n`,
    "manifests/site.pp": site(canary, secret, port),
    "site/evil/lib/puppet/functions/evil/ruby.rb": evil,
    "site/evil/lib/puppet/functions/evil/nested.rb":
      "Puppet::Functions.create_function(:'evil::nested') do\n  def nested(levels) = (1..levels).reduce('end') { |inner, _| [inner] }\nend\n",
    "site/evil/functions/deep.pp": "function evil::deep($n) { evil::deep($n + 1) }\n",
  });
  await chmod(join(main.folder, "version.sh"), 0o755);
  await mkdir(join(main.folder, "site/evil/files"));
  await symlink(secret, join(main.folder, "site/evil/files/linked"));
  const limits = { processes: 40, memoryMib: 1024 };
  tree = await openFolder(main.folder, { limits: { ...limits, nodeSeconds: 8 } });
  hurried = await openFolder(main.folder, { limits: { ...limits, nodeSeconds: 3 } });
  outcomes = new Map([...(await compileAll(tree, between(attackNames))), ...(await compileAll(hurried, between(endlessNames)))]);
});

afterAll(async () => {
  await Promise.all([tree.close(), hurried.close()]);
  await Promise.all([main.remove(), host.remove()]);
  server.close();
});

test("the canary is untouched, and no outcome holds a word of the host", async () => {
  expect(await readFile(join(host.folder, "canary"), "utf8")).toBe(untouched);
  const all = JSON.stringify([...outcomes.values()], (_, value: unknown) => (value instanceof Map ? [...value] : value));
  expect(all).not.toContain(hostOnly);
  expect(all).not.toContain("pwned");
  expect(all).not.toContain("root:");
  expect(connections).toBe(0);
  // The host could be read and written by anybody outside: the test would see it if something had.
  await writeFile(join(host.folder, "canary"), untouched);
});

test("every other node has its catalog", () => {
  for (const name of [...attackNames, ...endlessNames]) {
    const outcome = outcomes.get(`good-after-${name}`);
    expect({ after: name, outcome: outcome?.ok ? "catalog" : outcome }).toEqual({ after: name, outcome: "catalog" });
    expect(resource(catalogOf(outcome), "Notify", "fine").kind).toBe("native");
    expect(catalogOf(outcome).classes).not.toContain("forged");
  }
});

describe("case 59: what becomes of an attack", () => {
  const failures: Array<[string, string, RegExp]> = [
    ["file", "compile", /Could not find any files/],
    ["template", "compile", /No such file or directory/],
    ["symlink", "compile", /Could not find any files/],
    ["everyone", "compile", /No such process/],
    ["recursion", "crash", /stack level too deep/],
    ["exit", "crash", /ended the compiler \(exit 0\)/],
    ["exit-bang", "crash", /without an answer \(exit code 0\)/],
    ["memory", "memory", /more than the 1024 MiB/],
    ["endless", "timeout", /within the 3 seconds/],
    ["fork", "timeout", /within the 3 seconds/],
    ["forged", "hostile", /more than it was asked/],
    ["named", "hostile", /more than it was asked/],
    ["nested", "compile", /nesting of \d+ is too deep/],
    ["large", "output", /larger than the 8 MiB/],
    // It is a tag of its own resource too, and tags are short.
    ["title", "hostile", /tags\[\d+\]: Too big: expected string to have <=1000 characters/],
  ];
  test.each(failures)("%s: %s", (name, code, message) => {
    expect(outcomes.get(name)).toMatchObject({ ok: false, error: { code, message: expect.stringMatching(message) } });
  });

  const catalogs: Array<[string, RegExp]> = [
    ["generate", /cannot create .*: Directory nonexistent\ncat: .*: No such file[^]*'\/root': No such file/],
    ["backticks", /cannot create .*: Directory nonexistent\ncat: .*: No such file/],
    ["hiera", /^not found$/],
    ["network", /^Errno::(ECONNREFUSED|ENETUNREACH)$/],
    ["stdout", /^said it all$/],
    ["lines", /^said ten million lines$/],
    ["dns", /^(Socket::ResolutionError|SocketError)$/],
    // Whoever starts the worker is no parent that it could kill: the first process of the sandbox can't be killed from inside.
    ["parent", /^still here$/],
  ];
  test.each(catalogs)("%s: a catalog without anything of the host", (name, title) => {
    const notices = catalogOf(outcomes.get(name)).resources.filter(({ type }) => type === "Notify");
    expect(notices.map((notice) => notice.title)).toEqual([expect.stringMatching(title)]);
  });

  test("a thread that one node leaves behind is ended before the next", async () => {
    const worker = await startRaw(main.folder);
    expect(await worker.compile(node("thread"))).toContain("left a thread");
    expect(await worker.compile(node("waits"))).toContain("waited");
    await worker.end();
  });
});

test("closing leaves no process and no mount", async () => {
  await Promise.all([tree.close(), hurried.close()]);
  await expect.poll(() => treeProcesses(), { timeout: 10_000 }).toEqual([]);
  expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(codeMark);
  expect((await readdir(tmpdir())).filter((name) => join(tmpdir(), name).startsWith(codeMark))).toEqual([]);
});
