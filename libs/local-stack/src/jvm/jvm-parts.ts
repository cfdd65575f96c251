import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';

/** Written as the last step of fetching the jars: their lock file's own checksum. */
export const jvmStampFile = (home: StackHome): string => join(home.jvm, '.complete');

export const jvmPartsPresent = (home: StackHome): boolean => existsSync(join(home.jvm, 'libs'));
