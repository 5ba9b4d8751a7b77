import type { Origin } from "../gate/event.ts";
import { known, unknown, type Known } from "../gate/facts.ts";
import { everyPage, type Api, type AppIdentity, type Authenticate } from "./api.ts";
import { learn } from "./failure.ts";

/**
 * Ids of everybody in a team and in those below it, which GitHub's list takes in. A team of another organisation is read by the App's
 * installation there. https://docs.github.com/en/rest/teams/members#list-team-members
 */
export async function readTeam(
  authenticate: Authenticate,
  app: AppIdentity,
  { installation, repository }: Origin,
  team: string,
): Promise<Known<ReadonlySet<number>>> {
  const [org = "", slug = "", ...rest] = team.replace(/^@/u, "").split("/");
  if (org === "" || slug === "" || rest.length > 0)
    return unknown(`${team} names no team: write ORGANISATION/TEAM`, `an owner of the policy: write ORGANISATION/TEAM for ${team}`);
  const isOwn = org.toLowerCase() === repository.owner.toLowerCase();
  const reader = isOwn ? known(await authenticate(installation)) : await apiOfOther(authenticate, app, org);
  return reader.known ? membersOf(reader.value, org, slug) : reader;
}

function membersOf(api: Api, org: string, slug: string): Promise<Known<ReadonlySet<number>>> {
  const ask = async (): Promise<ReadonlySet<number>> => {
    const tooMany = { what: `members of ${org}/${slug}`, way: `an owner of the policy: name smaller teams than ${org}/${slug}` };
    const members = await everyPage(tooMany, (page) => api.rest.teams.listMembersInOrg({ org, team_slug: slug, ...page }));
    return new Set(members.map(({ id }) => id));
  };
  return learn(ask, {
    403: unknown(
      `GitHub does not let the App see the members of ${org}/${slug}: an owner of ${org} has to grant it the permission "Members: read"`,
      `an owner of ${org}: grant the App "Members: read"`,
    ),
    404: unknown(
      `GitHub shows the App no team ${org}/${slug}: mend its name in the policy, or have an owner of ${org} grant the App "Members: read"`,
      `an owner of the policy: mend the name of ${org}/${slug}; or an owner of ${org}: make that team, or grant the App "Members: read"`,
    ),
  });
}

const apiOfOther = (authenticate: Authenticate, app: AppIdentity, org: string): Promise<Known<Api>> =>
  learn(
    async () => {
      const { data } = await (await app.api()).rest.apps.getOrgInstallation({ org });
      return authenticate(data.id);
    },
    {
      404: unknown(
        `the App is not installed in the organisation ${org}, so its teams can't be read: an owner of ${org} has to install it there`,
        `an owner of ${org}: install the App there`,
      ),
    },
  );
