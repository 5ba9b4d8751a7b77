/** What a manifest declares by its text, where nothing has parsed it: too much rather than too little (comments and texts count). */
export function declaredIn(text: string): Array<{ kind: "class" | "define"; name: string }> {
  const found = new Map<string, "class" | "define">();
  for (const [, kind, name = ""] of text.matchAll(/\b(class|define)\s+(?:::)?([a-z_]\w*(?:::\w+)*)/gu))
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), kind === "define" ? "define" : "class");
  const plain = [...found].map(([name, kind]) => ({ name, kind }));
  // What is declared inside a class has the class's name before its own.
  const outer = plain.filter(({ kind }) => kind === "class");
  return [...plain, ...outer.flatMap((each) => plain.map(({ name, kind }) => ({ name: `${each.name}::${name}`, kind })))];
}

export interface RubyFunctions {
  names: string[];
  /** Why it can't be told by its text what else depends on the file; null where it can. */
  odd: string | null;
}

/** The functions that a Ruby file makes. */
export function rubyFunctionsIn(text: string): RubyFunctions {
  const named = [...text.matchAll(/\b(?:newfunction|create_(?:loaded_)?function)[\s(]*(?::["']?|["'])([\w:]+)/gu)];
  const all = [...text.matchAll(/\b(?:newfunction|create_(?:loaded_)?function)\b/gu)];
  const odd =
    named.length < all.length
      ? "it makes functions whose names are not plain in its text"
      : /^[^\S\n\r\u2028\u2029]*(?:class|module)\s+(?:::)?[A-Z]/mu.test(text)
        ? "its Ruby defines more than functions"
        : null;
  return { names: named.map(([, name = ""]) => name.toLowerCase()), odd };
}
