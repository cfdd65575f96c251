import { lintPipeline, readPipeline, SqlFileError, type PipelineObject } from '@isobar/pipeline';
import type { StreamAdminConfig } from '../config.js';

type Settings = Pick<StreamAdminConfig, 'KSQL_DIR' | 'KSQL_ENVIRONMENT' | 'KSQL_LINT'>;

/**
 * The files as they may be deployed, in dependency order: what `isobar queries lint` finds stands in the way of all of them, a missing test
 * too.
 *
 * @throws SqlFileError for the first file that cannot be deployed
 */
export async function readDeployable({ KSQL_DIR, KSQL_ENVIRONMENT, KSQL_LINT }: Settings): Promise<PipelineObject[]> {
  const options = { environment: KSQL_ENVIRONMENT };
  const objects = await readPipeline(KSQL_DIR, options);
  // The engine says itself what it refuses, on the topics that there are.
  const { findings } = KSQL_LINT === 'refuse' ? await lintPipeline(KSQL_DIR, options) : { findings: [] };
  const first = findings.find(({ rule }) => rule !== 'refused');
  if (first === undefined) return objects;
  const { file, line, column, message, instead } = first;
  const place = line === null ? undefined : { line, column: column ?? 1 };
  throw new SqlFileError(file, place, `${message}${instead === null ? '' : `; write instead: ${instead}`}`);
}
