import type { FlattenReport } from '../jobs/flatten-report.ts';

/** What the store holds: the report on the flatten that made it, whether or not its job is still known. */
export interface StoredArtifact extends Omit<FlattenReport, 'cached'> {
  /** The same for the same work. */
  readonly fingerprint: string;
  /** RFC 3339, in UTC. */
  readonly storedAt: string;
}
