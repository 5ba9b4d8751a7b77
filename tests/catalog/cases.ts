/** The 68 cases of what a comparison of catalogs must get right, and the files whose tests show each. */
export interface CatalogCase {
  case: number;
  title: string;
  files: readonly string[];
}

const diff = "tests/catalog/diff.test.ts";
const real = "tests/catalog/real-cases.test.ts";
const served = "tests/catalog/served.test.ts";
const causes = "tests/catalog/causes.test.ts";
const notes = "tests/catalog/notes.test.ts";
const outcome = "tests/catalog/outcome.test.ts";
const unhooked = "tests/catalog/unhooked.test.ts";
const unmatched = "tests/catalog/unmatched.test.ts";
const oddTrees = "tests/check/odd-trees.test.ts";
const honesty = "tests/check/honesty.test.ts";
const contents = "tests/engine/contents.test.ts";

const of = (number: number, title: string, ...files: readonly string[]): CatalogCase => ({ case: number, title, files });

export const catalogCases: readonly CatalogCase[] = [
  of(1, "resource order", diff),
  of(2, "a File retitled, same path", diff),
  of(3, "others retitled, same name", diff, real),
  of(4, "a trailing slash", diff, real),
  of(5, "tags of a File whose title is not its path", real),
  of(6, "titles match to the letter", unmatched),
  of(7, "a manifest line that moved", diff),
  of(8, "a class parameter only", diff, outcome),
  of(9, "a define's parameter only", diff),
  of(10, "tags", diff),
  of(11, "require retargeted", diff),
  of(12, "order of notifications", diff),
  of(13, "notify removed", diff, unhooked),
  of(14, "arrows and metaparameters", diff, real, unhooked),
  of(15, "a dependency cycle", "tests/catalog/cycles.test.ts", real),
  of(16, "a broken reference in head", outcome),
  of(17, "a broken reference in base only", outcome),
  of(18, "base fails, head compiles", outcome),
  of(19, "both fail with one error", outcome),
  of(20, "an unordered array in another order", diff),
  of(21, "an ordered array in another order", diff),
  of(22, "a member of a multiset twice", diff),
  of(23, "x and [x]", diff),
  of(24, "numbers and booleans for their texts", diff, real),
  of(25, "1 and 1.0", real),
  of(26, "'1' and '1.0'", diff),
  of(27, "modes", diff, real),
  of(28, "words that a type takes for one another", diff, real),
  of(29, "undef, absent and false", diff),
  of(30, "JSON written differently", notes),
  of(31, "YAML written differently", notes),
  of(32, "the newline at the end", diff, notes),
  of(33, "CRLF", notes),
  of(34, "trailing blanks", notes),
  of(35, "a served text that is not ASCII", contents),
  of(36, "a served file of bytes", contents),
  of(37, "the datatype Binary", diff),
  of(38, "an argument of a Deferred", diff),
  of(39, "a Sensitive", diff),
  of(40, "a nested Sensitive", diff),
  of(
    41,
    "a secret unwrapped into text",
    "tests/catalog/real-puppet.test.ts",
    "tests/catalog/taints.test.ts",
    "tests/check/secrets.test.ts",
  ),
  of(42, "a served file that is edited", served),
  of(43, "from source to content, the same bytes", oddTrees),
  of(44, "several sources, the same winner", served),
  of(45, "a file inside a served folder", served),
  of(46, "other mounts and addresses", served, notes),
  of(47, "a source that is missing in head", served),
  of(48, "a source that leaves the tree", served),
  of(49, "what becomes absent", diff),
  of(50, "what is absent on both sides", diff),
  of(51, "a resource default", diff, causes),
  of(52, "an override by a collector", real),
  of(53, "data of hiera", real, causes),
  of(54, "virtual and not realised", real),
  of(55, "an exported resource", diff, "tests/catalog/importers.test.ts"),
  of(56, "alias", diff),
  of(57, "noop, schedule, stage, audit", diff, notes),
  of(58, "what differs at every compile", honesty, "tests/catalog/volatile.test.ts"),
  of(59, "fqdn_rand", real),
  of(60, "where the tree lies", real),
  of(61, "an array of 17,000 items", diff),
  of(62, "a catalog of 20,000 resources", diff),
  of(63, "a policy that leaves out differences, by any or every changed line", "tests/catalog/ignored.test.ts", honesty),
  of(64, "a parameter called type", diff, real),
  of(65, "base's catalog is compiled, and none of PuppetDB's", "tests/engine/compile-pairs.test.ts"),
  of(66, "a branch that is behind base", oddTrees),
  of(67, "a custom fact, type or provider", honesty, "tests/gate/pending.test.ts"),
  of(68, "--json wherever it stands", "tests/check/options.test.ts"),
];
