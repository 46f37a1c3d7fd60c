/** Types of the contract that the OpenAPI document does not describe. This file compiles if they are the service's. */
import type { ImageReport } from '@dimgx/core';
import type { StateChange } from '@dimgx/queue';
import type { ImageReport as ClientImageReport, StateEvent } from '../src/index.ts';
import type { Shape, Within } from './shape.ts';

export type Report = Within<Shape<ClientImageReport>, Shape<ImageReport>>;
export type ReportBack = Within<Shape<ImageReport>, Shape<ClientImageReport>>;

type ToldChange = Omit<StateEvent, 'type'>;
export type Change = Within<Shape<ToldChange>, Shape<StateChange>>;
export type ChangeBack = Within<Shape<StateChange>, Shape<ToldChange>>;
