/** What every command that asks a service understands. */
export interface RestOptions {
  readonly output: string;
  readonly server?: string;
}

/** JSON for programs, words for people. */
export function print(options: RestOptions, data: unknown, words: () => string): void {
  console.log(options.output === 'json' ? JSON.stringify(data, undefined, 2) : words());
}
