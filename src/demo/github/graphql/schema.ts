import { buildSchema } from "graphql";

/** The part of GitHub's public schema that is served, in its own names. https://docs.github.com/en/graphql/overview/public-schema */
export const schema = buildSchema(`
  scalar DateTime
  scalar GitObjectID
  scalar GitRefname
  scalar URI

  type Query {
    viewer: Actor!
    repository(owner: String!, name: String!, followRenames: Boolean = true): Repository
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    rateLimit(dryRun: Boolean = false): RateLimit
  }

  type Mutation {
    updateRefs(input: UpdateRefsInput!): UpdateRefsPayload
  }

  input UpdateRefsInput { clientMutationId: String, repositoryId: ID!, refUpdates: [RefUpdate!]! }
  input RefUpdate { name: GitRefname!, afterOid: GitObjectID!, beforeOid: GitObjectID, force: Boolean = false }
  type UpdateRefsPayload { clientMutationId: String }

  type RateLimit { limit: Int!, cost: Int!, remaining: Int!, used: Int!, resetAt: DateTime!, nodeCount: Int! }
  type PageInfo { hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: String, endCursor: String }

  interface Node { id: ID! }
  interface Actor { login: String!, url: URI! }
  type User implements Node & Actor { id: ID!, databaseId: Int, login: String!, name: String, url: URI! }
  type Bot implements Node & Actor { id: ID!, databaseId: Int, login: String!, url: URI! }
  type Organization implements Node & Actor { id: ID!, databaseId: Int, login: String!, url: URI! }
  type App implements Node { id: ID!, databaseId: Int, name: String!, slug: String! }

  enum OrderDirection { ASC DESC }
  enum PullRequestState { OPEN CLOSED MERGED }
  enum IssueOrderField { CREATED_AT UPDATED_AT COMMENTS }
  input IssueOrder { field: IssueOrderField!, direction: OrderDirection! }

  type Repository implements Node {
    id: ID!
    databaseId: Int
    name: String!
    nameWithOwner: String!
    owner: Actor!
    isPrivate: Boolean!
    url: URI!
    defaultBranchRef: Ref
    ref(qualifiedName: String!): Ref
    object(oid: GitObjectID, expression: String): GitObject
    pullRequest(number: Int!): PullRequest
    pullRequests(
      states: [PullRequestState!], headRefName: String, baseRefName: String, orderBy: IssueOrder
      first: Int, after: String, last: Int, before: String
    ): PullRequestConnection!
  }

  type Ref implements Node { id: ID!, name: String!, prefix: String!, target: GitObject }
  interface GitObject { id: ID!, oid: GitObjectID!, abbreviatedOid: String! }
  type Tree implements Node & GitObject { id: ID!, oid: GitObjectID!, abbreviatedOid: String! }
  type Commit implements Node & GitObject {
    id: ID!
    oid: GitObjectID!
    abbreviatedOid: String!
    message: String!
    messageHeadline: String!
    authoredDate: DateTime!
    committedDate: DateTime!
    tree: Tree!
    parents(first: Int, after: String, last: Int, before: String): CommitConnection!
    statusCheckRollup: StatusCheckRollup
  }
  type CommitConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [Commit] }

  enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
  enum CheckStatusState { REQUESTED QUEUED IN_PROGRESS COMPLETED WAITING PENDING }
  enum CheckConclusionState { ACTION_REQUIRED TIMED_OUT CANCELLED FAILURE SUCCESS NEUTRAL SKIPPED STARTUP_FAILURE STALE }
  type StatusCheckRollup {
    state: StatusState!
    contexts(first: Int, after: String, last: Int, before: String): StatusCheckRollupContextConnection!
  }
  union StatusCheckRollupContext = CheckRun | StatusContext
  type StatusCheckRollupContextConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [StatusCheckRollupContext] }
  type CheckRun implements Node {
    id: ID!
    databaseId: Int
    name: String!
    status: CheckStatusState!
    conclusion: CheckConclusionState
    startedAt: DateTime
    completedAt: DateTime
    detailsUrl: URI
    externalId: String
    checkSuite: CheckSuite!
  }
  type CheckSuite implements Node { id: ID!, databaseId: Int, app: App, workflowRun: WorkflowRun }
  type WorkflowRun implements Node { id: ID!, databaseId: Int, event: String!, runNumber: Int!, file: WorkflowRunFile }
  type WorkflowRunFile { path: String! }
  type StatusContext implements Node {
    id: ID!, context: String!, state: StatusState!, description: String, targetUrl: URI, createdAt: DateTime!, creator: Actor
  }

  enum MergeableState { MERGEABLE CONFLICTING UNKNOWN }
  enum MergeStateStatus { DIRTY UNKNOWN BLOCKED BEHIND DRAFT UNSTABLE HAS_HOOKS CLEAN }
  type PullRequestConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [PullRequest] }
  type PullRequest implements Node {
    id: ID!
    databaseId: Int
    number: Int!
    title: String!
    body: String!
    url: URI!
    state: PullRequestState!
    isDraft: Boolean!
    merged: Boolean!
    mergedAt: DateTime
    closedAt: DateTime
    createdAt: DateTime!
    updatedAt: DateTime!
    author: Actor
    isCrossRepository: Boolean!
    headRefName: String!
    headRefOid: GitObjectID!
    headRef: Ref
    headRepository: Repository
    baseRefName: String!
    baseRefOid: GitObjectID!
    baseRef: Ref
    mergeable: MergeableState!
    mergeStateStatus: MergeStateStatus!
    mergeCommit: Commit
    labels(first: Int, after: String, last: Int, before: String): LabelConnection
    commits(first: Int, after: String, last: Int, before: String): PullRequestCommitConnection!
    comments(first: Int, after: String, last: Int, before: String): IssueCommentConnection!
    reviews(states: [PullRequestReviewState!], first: Int, after: String, last: Int, before: String): PullRequestReviewConnection
    latestOpinionatedReviews(
      writersOnly: Boolean = false, first: Int, after: String, last: Int, before: String
    ): PullRequestReviewConnection
  }
  type Label implements Node { id: ID!, name: String!, color: String!, description: String }
  type LabelConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [Label] }
  type PullRequestCommit implements Node { id: ID!, commit: Commit! }
  type PullRequestCommitConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [PullRequestCommit] }

  enum PullRequestReviewState { PENDING COMMENTED APPROVED CHANGES_REQUESTED DISMISSED }
  type PullRequestReviewConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [PullRequestReview] }
  type PullRequestReview implements Node {
    id: ID!, databaseId: Int, state: PullRequestReviewState!, body: String!, author: Actor, submittedAt: DateTime, commit: Commit
  }

  type IssueCommentConnection { totalCount: Int!, pageInfo: PageInfo!, nodes: [IssueComment] }
  type IssueComment implements Node {
    id: ID!
    databaseId: Int
    url: URI!
    body: String!
    author: Actor
    editor: Actor
    createdAt: DateTime!
    updatedAt: DateTime!
    lastEditedAt: DateTime
    includesCreatedEdit: Boolean!
    createdViaEmail: Boolean!
    pullRequest: PullRequest
    repository: Repository!
  }
`);
