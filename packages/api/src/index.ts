export type { Api } from './api.ts';
export { type ApiParts, buildApi } from './build-api.ts';
export { checkOpenAddress } from './open-address.ts';
export { type Problem, problemSchema, statuses } from './problems.ts';
export { type ApiSettings, type RunningApi, startApi } from './start-api.ts';
