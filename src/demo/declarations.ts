import type { Declaration } from "./rollout-agents.ts";

const manifests = "site-modules/profile/manifests";

/** How the lines begin that declare what the stories change or break. The line's number is looked up in the code that a compiler serves. */
const declarations: readonly [resource: RegExp, file: string, begins: string][] = [
  [/^Service\[/u, "unit.pp", "service { $title:"],
  [/^File\[\/etc\/\w+\/jvm\.options\]$/u, "jvm_service.pp", 'file { "/etc/${title}/jvm.options":'],
  [/^File\[\/etc\/\w+\/service\.properties\]$/u, "jvm_service.pp", 'file { "/etc/${title}/service.properties":'],
  [/^Exec\[warm the index\]$/u, "search.pp", "exec { 'warm the index':"],
];

/** Where the sample control repo declares a resource; null for what no story is about, and Puppet's own. */
export const declarationInSample: Declaration = (resource) => {
  const found = declarations.find(([which]) => which.test(resource));
  return found === undefined ? null : { path: `${manifests}/${found[1]}`, begins: found[2] };
};
