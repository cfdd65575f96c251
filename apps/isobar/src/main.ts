import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes } from './exit-codes.js';
import { program } from './program.js';

try {
  await program.parseAsync();
} catch (error) {
  // It has said what is wrong by itself; help and version end this way too.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.success : exitCodes.wrongUsage);
  (await import('./render/failure.js')).printError(error);
  process.exitCode = exitCodeOf(error);
}
