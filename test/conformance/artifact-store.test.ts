import { describe } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { directoryFixture } from '../support/stores/directory-fixture.ts';
import { s3Fixture } from '../support/stores/s3-fixture.ts';
import { describeArtifactStore } from './artifact-store-suite.ts';

describe('the directory store', () => describeArtifactStore(directoryFixture));

needs('objectGateway')('the S3 store', () => describeArtifactStore(s3Fixture));
