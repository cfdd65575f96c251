// The `unit` project alone, for Stryker: coverage per test does not work across projects. Which specs run comes with each target.
import { join } from 'node:path';
import config from '../../jest.config.mjs';

const unit = config.projects.find(({ displayName }) => displayName === 'unit');
const rootDir = join(import.meta.dirname, '..', '..');

export default { ...unit, rootDir, roots: [join(rootDir, 'libs')] };
