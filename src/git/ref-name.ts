/**
 * Whether this is a full name of a ref, `refs/heads/prod+1`, by git's own rules: https://git-scm.com/docs/git-check-ref-format. Half of a
 * surrogate pair has no bytes that git could be told.
 */
export const isRefName = (name: string): boolean =>
  /^refs(?:\/(?!\.)[^\0-\x20\x7f~^:?*[\\/]+)+$/u.test(name) &&
  name.isWellFormed() &&
  !name.includes("..") &&
  !name.includes("@{") &&
  !name.endsWith(".") &&
  name.split("/").every((part) => !part.endsWith(".lock"));
