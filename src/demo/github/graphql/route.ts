import { execute, getOperationAST, GraphQLError, parse, validate, type DocumentNode } from "graphql";
import { z } from "zod";
import { Refusal, ok, type Answer } from "../http/answers.ts";
import { take } from "../http/body.ts";
import { forAnybody, type Call, type Route } from "../http/router.ts";
import type { Asked } from "./asked.ts";
import { costOf } from "./cost.ts";
import { repositoryObject } from "./repositories.ts";
import { rootOf } from "./root.ts";
import { schema } from "./schema.ts";

/** GraphQL at POST /graphql. https://docs.github.com/en/graphql */

export const graphqlRoutes: readonly Route[] = [forAnybody("POST /graphql", answer)];

const request = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

async function answer(call: Call): Promise<Answer> {
  const { world, actor, quota } = call;
  if (actor.kind === "nobody" || actor.kind === "app") throw new Refusal(401, "This endpoint requires you to be authenticated.");
  const { query, variables: given, operationName } = take(request, call.body);
  const variables = given ?? {};
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return ok({ errors: [shapeOf(error)] });
  }
  const invalid = validate(schema, document);
  const operation = getOperationAST(document, operationName) ?? null;
  if (invalid.length > 0 || operation === null) return ok({ errors: invalid.map(shapeOf) });
  const cost = costOf(document, operation, variables);
  // The request itself was counted as one point already.
  quota.take(cost.points - 1);
  const asked: Asked = { world, actor, quota, cost, repository: (repo) => repositoryObject(asked, repo) };
  const rootValue = rootOf(asked);
  const result = await execute({ schema, document, rootValue, variableValues: variables, operationName: operationName ?? null });
  for (const { originalError } of result.errors ?? [])
    if (originalError !== undefined && !(originalError instanceof GraphQLError)) throw originalError;
  return ok({ data: result.data ?? null, ...(result.errors === undefined ? {} : { errors: result.errors.map(shapeOf) }) });
}

/** GitHub answers 200 with what it could find, and its reasons beside. */
function shapeOf({ message, path, locations, extensions }: GraphQLError): object {
  const { type } = extensions;
  return {
    ...(typeof type === "string" ? { type } : {}),
    ...(path === undefined ? {} : { path }),
    ...(type === "FORBIDDEN" ? { extensions: { saml_failure: false } } : {}),
    ...(locations === undefined ? {} : { locations }),
    message,
  };
}

/** Whether a body asks and changes nothing. */
export function isQuery(body: unknown): boolean {
  const text = request.safeParse(body).data?.query;
  return text !== undefined && !/^\s*mutation\b/.test(text);
}
