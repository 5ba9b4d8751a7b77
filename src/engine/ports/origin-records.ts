import type { Origin } from "../../gate/event.ts";

/** The repositories that the App is installed in, and their organisations. */
export interface OriginRecords {
  /** Gives since when the repository was gone, for one that is back. */
  saveRepository(origin: Origin): Promise<Date | null>;
  /** Nothing is asked of these any more until they come back; gives those that it was asked of until now. */
  dropRepositories(ids: readonly number[], at: Date): Promise<Origin[]>;
  dropInstallation(installation: number, at: Date): Promise<Origin[]>;
  /** Null for a repository that is gone. */
  originOf(repository: number): Promise<Origin | null>;
  allOrigins(): Promise<Origin[]>;
  /** Those with open changes, and so many of the others at most, in turn. */
  takeOrigins(mostQuiet: number, at: Date): Promise<Origin[]>;
  /** sha256 of the policy that was read last of an organisation, by GitHub's id of it; null where there is none to be missed. */
  organisationPolicyOf(owner: number): Promise<string | null>;
  saveOrganisationPolicy(owner: number, sha256: string, at: Date): Promise<void>;
  dropOrganisationPolicy(owner: number): Promise<void>;
  /** Asks for a look at where the App is installed. */
  askDiscovery(): Promise<void>;
  /** Whether it is time for that; then it is not until so many seconds later, or asked for again. */
  takeDiscovery(now: Date, seconds: number): Promise<boolean>;
}
