import type { components } from "@octokit/openapi-types";

/** GitHub's own description of what its REST API answers. Every shape in this folder is checked against it by the compiler. */
export type Schemas = components["schemas"];
