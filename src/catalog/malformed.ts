/**
 * What a worker answered is not a catalog. The message names the place and what was expected, and never quotes a value: an answer
 * that is refused was not searched for secrets.
 */
export class MalformedCatalog extends Error {
  override readonly name = "MalformedCatalog";
}
