/** What Apps and people say about commits beside check runs: suites, workflow runs, statuses, deployments. */

/** Runs of one App on one commit; GitHub Actions has one for each run of a workflow. */
export interface CheckSuite {
  id: number;
  appId: number;
  headSha: string;
  /** The branch whose push it answers, where there was one. */
  headBranch: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface WorkflowRun {
  id: number;
  suiteId: number;
  workflowId: number;
  /** The number of this run among those of its workflow. */
  number: number;
  name: string;
  /** The workflow's file, `.github/workflows/ci.yml`. */
  path: string;
  event: string;
  headSha: string;
  headBranch: string | null;
  actorId: number;
  createdAt: string;
  updatedAt: string;
}

export interface CommitStatus {
  id: number;
  sha: string;
  creatorId: number;
  /** The App that set it, where one did. */
  appId: number | null;
  state: "error" | "failure" | "pending" | "success";
  context: string;
  description: string | null;
  targetUrl: string | null;
  createdAt: string;
}

export const deploymentStates = ["error", "failure", "inactive", "in_progress", "queued", "pending", "success"] as const;

export interface DeploymentStatus {
  id: number;
  creatorId: number;
  state: (typeof deploymentStates)[number];
  description: string;
  environmentUrl: string;
  logUrl: string;
  createdAt: string;
}

export interface Deployment {
  id: number;
  creatorId: number;
  appId: number | null;
  sha: string;
  ref: string;
  task: string;
  payload: Record<string, unknown> | string;
  environment: string;
  description: string | null;
  transient: boolean;
  production: boolean;
  /** Oldest first. */
  statuses: DeploymentStatus[];
  createdAt: string;
  updatedAt: string;
}
