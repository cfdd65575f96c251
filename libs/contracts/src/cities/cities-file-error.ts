/** A cities file that cannot be used: the file, and every wrong entry. */
export class CitiesFileError extends Error {
  override readonly name = 'CitiesFileError';
  readonly code = 'CITIES_FILE_INVALID';

  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(`The cities file ${file} cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}
