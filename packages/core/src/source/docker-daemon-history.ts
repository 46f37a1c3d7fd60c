import { type ChainId, chainIds, type DiffId } from '../image/digest.ts';
import type { HistoryLine } from '../image/image.ts';
import { given } from './image-config.ts';
import type { StackName } from './stored-image.ts';

/** One line of the engine's history of an image; it does not tell which of them made a layer. */
export interface EngineHistoryLine {
  readonly Id: string;
  /** Seconds since 1970. */
  readonly Created: number;
  readonly CreatedBy?: string | null;
  readonly Comment?: string | null;
  readonly Tags?: readonly string[] | null;
  /** Bytes, unpacked. */
  readonly Size: number;
}

export interface EngineHistory {
  /** Oldest first. */
  readonly history: readonly HistoryLine[];
  /** Bytes of each layer, oldest first; 0 where the history does not tell. */
  readonly sizes: readonly number[];
  readonly stacks: ReadonlyMap<ChainId, EngineStack>;
}

/** A stack of layers that the engine knows by names: images that are the same stack differ in their config. */
export interface EngineStack extends StackName {
  readonly ids: readonly string[];
}

/** Brings the engine's lines, newest first, and the layers' diff ids, oldest first, together. */
export function engineHistory(
  lines: readonly EngineHistoryLine[],
  diffIds: readonly DiffId[],
): EngineHistory {
  const oldestFirst = lines.toReversed();
  const making = linesThatMadeLayers(oldestFirst, diffIds.length);
  return {
    history: oldestFirst.map((line) => ({
      ...given({ created: timeOf(line.Created), createdBy: line.CreatedBy, comment: line.Comment }),
      emptyLayer: !making.has(line),
    })),
    sizes: diffIds.length === making.size ? Array.from(making, ({ Size }) => Size) : diffIds.map(() => 0),
    stacks: diffIds.length === making.size ? stacksOf(oldestFirst, making, chainIds(diffIds)) : new Map(),
  };
}

function timeOf(seconds: number): string | undefined {
  const time = new Date(seconds * 1000);
  return seconds > 0 && !Number.isNaN(time.getTime()) ? time.toISOString() : undefined;
}

const metadata =
  /^(?:\/bin\/sh -c )?(?:#\(nop\)\s+)?(?:ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;
const workdir = /^(?:\/bin\/sh -c )?(?:#\(nop\)\s+)?WORKDIR\b/;

/**
 * A line with a size made a layer. Some layers are empty: as many further lines made one, first of those whose
 * command can write files, then WORKDIR, which does so at times. None are told apart where the numbers can't fit.
 */
function linesThatMadeLayers(lines: readonly EngineHistoryLine[], layers: number): Set<EngineHistoryLine> {
  const sized = lines.filter(({ Size }) => Size > 0);
  const rank = ({ CreatedBy }: EngineHistoryLine): number => {
    if (metadata.test(CreatedBy ?? '')) return 2;
    return workdir.test(CreatedBy ?? '') ? 1 : 0;
  };
  const sizeless = lines.filter(({ Size }) => Size <= 0).sort((a, b) => rank(a) - rank(b));
  const wanted = layers - sized.length;
  if (wanted < 0 || wanted > sizeless.length) return new Set(sized);
  const making = new Set([...sized, ...sizeless.slice(0, wanted)]);
  return new Set(lines.filter((line) => making.has(line)));
}

/**
 * The engine's ids and tags, by the stack of layers that they name: a line without a layer names the one below it.
 * Of several ids of a stack the one with a tag counts, then the last: it is the id of an image that people know.
 */
function stacksOf(
  lines: readonly EngineHistoryLine[],
  making: ReadonlySet<EngineHistoryLine>,
  chain: readonly ChainId[],
): Map<ChainId, EngineStack> {
  const stacks = new Map<ChainId, EngineStack>();
  let layer = -1;
  for (const line of lines) {
    if (making.has(line)) layer++;
    if (layer < 0) continue;
    const known = stacks.get(chain[layer]) ?? { tags: [], ids: [] };
    const id = /^(?:sha256:)?([0-9a-f]{64})$/.exec(line.Id)?.[1];
    const tagged = (line.Tags ?? []).length > 0 || known.tags.length === 0;
    stacks.set(chain[layer], {
      ...(tagged && id !== undefined ? { id } : given({ id: known.id })),
      tags: [...known.tags, ...(line.Tags ?? [])],
      ids: id === undefined ? known.ids : [...known.ids, id],
    });
  }
  return stacks;
}
