import { graphqlRoutes } from "../graphql/route.ts";
import { activityRoutes } from "./activity.ts";
import { appRoutes } from "./app.ts";
import { checkRunRoutes } from "./check-runs.ts";
import { checkSuiteRoutes } from "./check-suites.ts";
import { commentRoutes } from "./comments.ts";
import { commitPullRoutes } from "./commit-pulls.ts";
import { commitRoutes } from "./commits.ts";
import { codeownersRoutes } from "./codeowners.ts";
import { deploymentRoutes } from "./deployments.ts";
import { deliveryRoutes } from "./deliveries.ts";
import { issueEventRoutes } from "./issue-events.ts";
import { lineCommentRoutes } from "./line-comments.ts";
import { requestedReviewerRoutes } from "./requested-reviewers.ts";
import { gitObjectRoutes } from "./git-objects.ts";
import { gitRefRoutes } from "./git-refs.ts";
import { labelRoutes } from "./labels.ts";
import { pullRoutes } from "./pulls.ts";
import { repositoryRoutes } from "./repositories.ts";
import { reviewRoutes } from "./reviews.ts";
import { updateBranchRoutes } from "./update-branch.ts";
import { teamRoutes } from "./teams.ts";
import { rulesetRoutes } from "./rulesets.ts";
import { statusRoutes } from "./statuses.ts";
import { workflowRunRoutes } from "./workflow-runs.ts";
import type { Route } from "../http/router.ts";

/** Everything the stand-in's REST API serves, one file for each family of resources. */
export const routes: readonly Route[] = [
  ...graphqlRoutes,
  ...activityRoutes,
  ...appRoutes,
  ...repositoryRoutes,
  ...commitPullRoutes,
  ...commitRoutes,
  ...gitObjectRoutes,
  ...gitRefRoutes,
  ...rulesetRoutes,
  ...pullRoutes,
  ...reviewRoutes,
  ...commentRoutes,
  ...labelRoutes,
  ...checkRunRoutes,
  ...checkSuiteRoutes,
  ...statusRoutes,
  ...workflowRunRoutes,
  ...deploymentRoutes,
  ...teamRoutes,
  ...codeownersRoutes,
  ...updateBranchRoutes,
  ...issueEventRoutes,
  ...lineCommentRoutes,
  ...requestedReviewerRoutes,
  ...deliveryRoutes,
];
