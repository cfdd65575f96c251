/** The outcome of one case, as the report file lists it. */
export interface CaseResult {
  readonly suite: string;
  /** The case file's base name. */
  readonly file: string;
  /** The case's name as expanded (format and property variants). */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'known-gap' | 'skipped';
  readonly reason: string;
}

export interface SuiteOptions {
  readonly casesFolder: string;
  /** Only cases whose `file - name` contains this text. */
  readonly filter: string | undefined;
  /** Whether queries keep their state on disk with nothing in the cache; of the suite `qtt`. */
  readonly isOnDisk?: boolean;
}

export type Suite = (options: SuiteOptions) => Promise<readonly CaseResult[]>;
