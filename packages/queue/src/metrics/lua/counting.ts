import { bounds, metricsKey, separator } from '../counted.ts';

/**
 * What scripts count with, in the step that makes what they count: so nothing is counted twice, or lost, whoever dies.
 * The names are those of `counters` and `histograms`.
 */
export const counting = `
local bounds = {${bounds.map((bound) => `'${bound}'`).join(', ')}}

-- Counts so many in the series of that name and labels. A count that is broken must not hold up a job: hence pcall.
local function countMany(many, ...)
  redis.pcall('HINCRBY', '${metricsKey}', table.concat({...}, '${separator}'), string.format('%.0f', many))
end

local function count(...) countMany(1, ...) end

-- Adds a time in ms to the histogram of that name and labels: to its bucket alone, not to those above.
local function observe(milliseconds, ...)
  local series, bucket = table.concat({...}, '${separator}'), '+Inf'
  for _, bound in ipairs(bounds) do
    if milliseconds <= bound * 1000 then
      bucket = bound
      break
    end
  end
  count(series, 'le', bucket)
  countMany(milliseconds, series, 'sum')
end

-- Counts what TypeScript has tallied: JSON with many, lists of a number and a series, and times, the same in ms.
local function countTally(tally)
  local found = cjson.decode(tally)
  for _, each in ipairs(found.many) do countMany(unpack(each)) end
  for _, each in ipairs(found.times) do observe(unpack(each)) end
end
`;
