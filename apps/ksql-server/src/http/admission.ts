import type { IncomingHttpHeaders } from 'node:http';

/** What is known of a request before anything of it is done. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly isUpgrade: boolean;
}

export type Verdict =
  | { readonly allow: true }
  | {
      readonly allow: false;
      readonly status: number;
      readonly code: string;
      readonly reason: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** Decides whether a request may come in, whichever protocol it came by. */
export type Admit = (request: RequestHead) => Verdict;

export const admitAll: Admit = () => ({ allow: true });
