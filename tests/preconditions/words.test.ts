import { expect, test } from "vitest";
import { runSyntax } from "../../src/puppet/syntax.ts";
import { withFiles } from "../puppet-checks/tree.ts";

/** What the parsers say for lanes, by the real ones in their sandbox: `line code`, in order. */

interface Case {
  name: string;
  path: string;
  content: string;
  expected: string[];
}

const cases: Case[] = [
  {
    name: "comments, plain strings and other names say nothing",
    path: "a/manifests/none.pp",
    content:
      "# $environment\nclass a::none {\n  $x = '${environment} %{environment}'\n  $y = \"$environments ${my::environment} \\${environment}\"\n  /* $::environment */\n}\n",
    expected: [],
  },
  {
    name: "the variable, wherever Puppet would look it up",
    path: "a/manifests/all.pp",
    content:
      'class a::all (String $x = $environment) {\n  notify { "in ${environment}": }\n  $h = @("E"/L)\n    text $::environment\n    | E\n  case $environment { default: { notice(1) } }\n  [1].each |$i| { notice($environment) }\n}\n',
    expected: ["1 lane-name", "2 lane-name", "4 lane-name", "6 lane-name", "7 lane-name"],
  },
  {
    name: "the server's word for it",
    path: "a/manifests/server.pp",
    content:
      "class a::server {\n  notice($server_facts['environment'])\n  notice($::server_facts[environment])\n  notice(getvar('server_facts.environment'))\n  notice($server_facts.dig('environment'))\n  notice($server_facts['servername'])\n}\n",
    expected: ["2 lane-name", "3 lane-name", "4 lane-name", "5 lane-name"],
  },
  {
    name: "a variable of that name which is somebody's own, and the top one beside it",
    path: "a/manifests/own.pp",
    content:
      "class a::own (String $environment) {\n  notice($environment)\n  notice($::environment)\n}\ndefine a::own::d {\n  $environment = 'x'\n  notice($environment)\n}\n",
    expected: ["3 lane-name"],
  },
  {
    name: "a lambda's own, and the class's around it",
    path: "a/manifests/lambda.pp",
    content: "class a::lambda {\n  [1].each |$environment| { notice($environment) }\n  notice($environment)\n}\n",
    expected: ["3 lane-name"],
  },
  {
    name: "what goes from node to node",
    path: "a/manifests/cross.pp",
    content:
      "class a::cross {\n  @@file { '/x': }\n  @file { '/y': }\n  File <<| tag == 'x' |>>\n  File <| tag == 'y' |>\n  $q = puppetdb_query('nodes { }')\n  $r = 'nodes { }'.puppetdb_query\n  $s = 'puppetdb_query @@file <<| |>>'\n}\n",
    expected: ["2 crosses-lanes", "4 crosses-lanes", "6 crosses-lanes", "7 crosses-lanes"],
  },
  {
    name: "EPP",
    path: "a/templates/x.epp",
    content: "<%- | String $x | -%>\n<%# $environment %>\n$environment outside\n<%= $environment %>\n",
    expected: ["4 lane-name"],
  },
  {
    name: "EPP with a parameter of that name",
    path: "a/templates/own.epp",
    content: "<%- | String $environment | -%>\n<%= $environment %>\n",
    expected: [],
  },
  {
    name: "ERB",
    path: "a/templates/x.erb",
    content:
      "@environment outside scope['environment']\n<%# @environment %>\n<%= @environment %>\n<%= scope['::environment'] %>\n<%= scope.lookupvar('environment') %>\n<% # @environment\n   x = \"scope['environment']\" -%>\n<%= @server_facts['environment'] %>\n<%= scope['server_facts']['environment'] %>\n<%= @environments %><%= scope['env'] %>\n",
    expected: ["3 lane-name", "4 lane-name", "5 lane-name", "8 lane-name", "9 lane-name"],
  },
  {
    name: "hiera data",
    path: "data/common.yaml",
    content:
      '# %{environment}\na: "%{environment}/x"\nb: |\n  text\n  %{::environment}\nc: "%{facts.environment} %{literal(\'%\')}{environment}"\nd: ["%{server_facts.environment}"]\n',
    expected: ["2 lane-name", "5 lane-name", "7 lane-name"],
  },
  {
    name: "hiera.yaml",
    path: "hiera.yaml",
    content: '---\nversion: 5\nhierarchy:\n  - name: lanes\n    path: "lanes/%{environment}.yaml"\n',
    expected: ["5 lane-name"],
  },
  {
    name: "JSON data",
    path: "data/x.json",
    content: '{\n  "a": "%{ environment }",\n  "b": "environment"\n}\n',
    expected: ["2 lane-name"],
  },
];

test("files by the real parsers", async () => {
  const files = Object.fromEntries(cases.map(({ path, content }) => [path, content]));
  const found = await withFiles(files, (tree) =>
    runSyntax(
      tree,
      cases.map(({ path }) => path),
    ),
  );
  const told = Object.fromEntries(
    cases.map(({ name, path }) => [name, found.filter((each) => each.path === path).map(({ line, code }) => `${line} ${code}`)]),
  );
  expect(told).toEqual(Object.fromEntries(cases.map(({ name, expected }) => [name, expected])));
});

test("so many that not all are told hide no fault, and add none", async () => {
  const many = `class a::many {\n${"  notice($environment)\n".repeat(700)}  file { '/x' ensure => file }\n}\n`;
  const fine = `class a::fine {\n${"  notice($environment)\n".repeat(700)}}\n`;
  const files = { "a/manifests/many.pp": many, "a/manifests/fine.pp": fine };
  const found = await withFiles(files, (tree) => runSyntax(tree, Object.keys(files)));
  expect(found.filter(({ severity }) => severity === "error")).toMatchObject([{ path: "a/manifests/many.pp", code: "SYNTAX_ERROR" }]);
  expect(found.filter(({ code }) => code === "lane-name").length).toBe(500);
});
