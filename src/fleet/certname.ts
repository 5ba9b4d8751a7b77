/**
 * The certnames that Puppet's documentation asks for (setting `certname`: `/\A[a-z0-9._-]+\Z/`, and its code demands lower case), less those
 * that begin with punctuation or hold `..`. A certname is shown, compared and put into JSON; nothing in this room makes a path of it.
 */
export const isCertname = (name: string): boolean => name.length <= 255 && /^[a-z0-9_][a-z0-9._-]*$/u.test(name) && !name.includes("..");

/** `facts/web01.example.com.yaml` is named after `web01.example.com`. */
export const stemOf = (path: string): string => (path.split("/").pop() ?? path).replace(/\.(?:ya?ml|json)$/iu, "");
