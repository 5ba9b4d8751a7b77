/**
 * Whether a file's mode gives these permissions, as `chmod` takes modes: octal, or clauses of who, operator and permissions. Null where that
 * depends on what the file has (`o=g`), and for what is no mode. Who builds upon the bits of the file (`g+x`) grants what he adds and no more.
 */
export function modeGrants(mode: string, who: "u" | "g" | "o", permission: "r" | "w" | "x"): boolean | null {
  if (/^[0-7]{1,5}$/u.test(mode)) {
    const shift = { u: 6, g: 3, o: 0 }[who];
    const bit = { r: 4, w: 2, x: 1 }[permission];
    return ((Number.parseInt(mode, 8) >> shift) & bit) !== 0;
  }
  let granted = false;
  for (const clause of mode.split(",")) {
    const parsed = /^([ugoa]*)((?:[-+=][rwxXst]*|[-+=][ugo])+)$/u.exec(clause.trim());
    if (parsed === null) return null;
    const [, whom = "", acts = ""] = parsed;
    if (whom !== "" && !whom.includes("a") && !whom.includes(who)) continue;
    for (const [, sign = "", what = ""] of acts.matchAll(/([-+=])([ugo]|[rwxXst]*)/gu)) {
      if (/[ugo]/u.test(what)) return null;
      const named = what.includes(permission) || (permission === "x" && what.includes("X"));
      if (sign === "=") granted = named;
      else if (named) granted = sign === "+";
    }
  }
  return granted;
}
