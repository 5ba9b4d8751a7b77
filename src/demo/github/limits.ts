/** Where GitHub's lists end, whatever more there is. A story may lower them, for a pull request of thousands of files takes long to make. */
export interface Limits {
  /** Commits that a pull request lists. https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request */
  pullCommits: number;
  /** Files that a pull request lists. https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files */
  pullFiles: number;
  /** Commits of a comparison that is not asked for page by page. https://docs.github.com/en/rest/commits/commits#compare-two-commits */
  comparedCommits: number;
  /** Files of a comparison, and of a commit. */
  comparedFiles: number;
}

export const limitsOfGitHub: Limits = { pullCommits: 250, pullFiles: 3000, comparedCommits: 250, comparedFiles: 300 };
