import type { Known, Permission, Person } from "../gate/facts.ts";
import { known, unknown } from "../gate/facts.ts";
import type { Place } from "./api.ts";
import { learn, statusOf } from "./failure.ts";

/** The account that stands in for deleted ones. */
const ghostId = 10_137;

/** GitHub's account object as a person; null for a deleted account, which GitHub shows as nothing or as "ghost". */
export function personOf(user: { id: number; login: string; type?: string | undefined } | null | undefined): Person | null {
  if (user === null || user === undefined || user.id === ghostId) return null;
  return { id: user.id, login: user.login, bot: user.type !== undefined && user.type !== "User" };
}

/** What a person may do here now: unknown too when the login has become somebody else's since it was read. */
export async function permissionOf({ api, repo }: Place, { id, login }: Person): Promise<Known<Permission>> {
  const answer = await learn(() => api.rest.repos.getCollaboratorPermissionLevel({ ...repo, username: login }));
  if (!answer.known) return answer;
  const { permission, user } = answer.value.data;
  if (user !== null && user.id !== id) return unknown(`the name ${login} belongs to another account by now`);
  return known(permission === "admin" || permission === "write" || permission === "read" ? permission : "none");
}

/** The account that has this name now; null where none has it. */
export const personNamed = ({ api }: Place, login: string): Promise<Known<Person | null>> =>
  learn(async () => {
    try {
      return personOf((await api.rest.users.getByUsername({ username: login })).data);
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  });
