import type { FlattenReport, Phase } from '@dimgx/core';
import type { JobResult } from '../job-record.ts';
import type { CounterName } from './counted.ts';

/** What an attempt has spent in its phases, in ms. */
export type PhaseTimes = Partial<Readonly<Record<Phase, number>>>;

/** What the end of an attempt adds to the counts beyond what its script knows, as `countTally` takes it. */
export function tallyOf(spent: PhaseTimes, result?: JobResult): string {
  const times = Object.entries(spent).map(([phase, ms]) => [Math.round(ms), 'job_phase_seconds', phase]);
  return JSON.stringify({ many: result === undefined ? [] : manyOf(result), times });
}

function manyOf(result: JobResult): [number, CounterName][] {
  if (!isFlattened(result)) return [];
  const { cached, layers, artifact } = result;
  if (cached) return [[1, 'artifact_cache_hits_total']];
  return [
    [1, 'artifact_cache_misses_total'],
    [layers.reduce((sum, { size }) => sum + size, 0), 'layers_read_bytes_total'],
    [artifact.uncompressedSize, 'tars_written_bytes_total'],
    [artifact.size, 'artifacts_stored_bytes_total'],
  ];
}

function isFlattened(result: JobResult): result is FlattenReport {
  return 'artifact' in result;
}
