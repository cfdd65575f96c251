import { parseExactJson, printExactJson, type ExactJson } from '../../../../libs/ksql-engine/conformance/exact-json.js';
import { maskText, maskTree } from './masks.js';
import type { HttpStep, RecordedAnswer, WebsocketStep } from './recording.js';
import type { Answer } from './send-http.js';
import type { WebsocketAnswer } from './send-websocket.js';

/** What a comparison found: a difference that counts, and whether the wording is the recorded one. */
export interface Verdict {
  readonly difference: string | undefined;
  readonly sameWording: boolean;
}

const COMPARED_HEADERS = ['content-type', 'location', 'allow'];

export function compareHttp(step: HttpStep, actual: Answer): Verdict {
  const expected = step.response;
  const differs = (difference: string): Verdict => ({ difference, sameWording: false });
  if (expected.status !== actual.status) {
    return differs(`status: expected ${expected.status}, got ${actual.status}: ${actual.text.slice(0, 800)}`);
  }
  for (const name of COMPARED_HEADERS) {
    const [wanted, got] = [expected.headers[name], actual.headers[name]];
    if (wanted !== got) return differs(`header ${name}: expected ${wanted ?? 'none'}, got ${got ?? 'none'}`);
  }
  if (expected.lines) return compareLines(step, expected, actual);
  if (expected.text !== undefined) {
    const same = maskText(expected.text) === maskText(actual.text);
    return same ? { difference: undefined, sameWording: true } : differs(shown('text', expected.text, actual.text));
  }
  return compareJson(expected.raw ?? JSON.stringify(expected.body), actual.text, relaxed(expected));
}

/** A recorded command that was still being executed may be done here. */
const relaxed = (expected: RecordedAnswer): boolean => JSON.stringify(expected.body ?? '').includes('"EXECUTING"');

function compareJson(expected: string, actual: string, isStatusRelaxed: boolean): Verdict {
  let tree: ExactJson;
  try {
    tree = parseExactJson(actual);
  } catch {
    return { difference: shown('body', expected, actual), sameWording: false };
  }
  const [wanted, got] = [expected, actual].map((text) =>
    isStatusRelaxed
      ? text.replaceAll(/"status":"(EXECUTING|SUCCESS)","message":"[^"]*"(,"queryId":[^}]*)?/g, '')
      : text,
  );
  const [theirs, ours] = [maskTree(parseExactJson(wanted!)), maskTree(isStatusRelaxed ? parseExactJson(got!) : tree)];
  const difference = firstDifference(theirs.tree, ours.tree, '$');
  return { difference, sameWording: theirs.wordings.join('\n') === ours.wordings.join('\n') };
}

/** The first place where two masked trees differ. */
export function firstDifference(expected: ExactJson, actual: ExactJson, path: string): string | undefined {
  if (printExactJson(expected) === printExactJson(actual)) return undefined;
  if (expected instanceof Map && actual instanceof Map) {
    for (const name of new Set([...expected.keys(), ...actual.keys()])) {
      if (!expected.has(name)) return `${path}.${String(name)}: not recorded, got ${printExactJson(actual.get(name))}`;
      if (!actual.has(name)) return `${path}.${String(name)}: missing, expected ${printExactJson(expected.get(name))}`;
      const inner = firstDifference(expected.get(name), actual.get(name), `${path}.${String(name)}`);
      if (inner !== undefined) return inner;
    }
  }
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    for (const [index, item] of (expected as readonly ExactJson[]).entries()) {
      const inner = firstDifference(item, (actual as readonly ExactJson[])[index]!, `${path}[${index}]`);
      if (inner !== undefined) return inner;
    }
  }
  return shown(path, printExactJson(expected), printExactJson(actual));
}

const shown = (what: string, expected: string, actual: string): string =>
  `${what}:\nexpected ${expected.slice(0, 1500)}\ngot      ${actual.slice(0, 1500)}`;

/** Lines without the empty ones that only show that a client is still there. */
export const answerLines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

function compareLines(step: HttpStep, expected: RecordedAnswer, actual: Answer): Verdict {
  const wanted = (expected.lines ?? []).filter((line) => line !== '').map(maskLine);
  const got = answerLines(actual.text).map(maskLine);
  const sameWording = expected.lines?.map(maskText).join('\n') === answerLines(actual.text).map(maskText).join('\n');
  const isEqual = wanted.join('\n') === got.join('\n') || (isUnordered(step) && asSet(wanted) === asSet(got));
  if (!isEqual) return { difference: shown('lines', wanted.join('\n'), got.join('\n')), sameWording: false };
  if (expected.end === undefined && !actual.hasEnded) {
    return { difference: 'the answer did not end by itself', sameWording: false };
  }
  const endsAlike = wanted.length === 0 || (expected.endsWithNewline ?? false) === actual.text.endsWith('\n');
  if (expected.end === undefined && !endsAlike) {
    return { difference: `ends with a line feed: expected ${expected.endsWithNewline}`, sameWording: false };
  }
  return { difference: undefined, sameWording };
}

/** Error lines keep their code only: the wording is informative. */
function maskLine(line: string): string {
  if (!line.includes('error_code') && !line.includes('errorMessage')) return maskText(line);
  const [, head = '', json = '', tail = ''] = /^([[,]*)(.*?)([\],]*)$/.exec(line) ?? [];
  try {
    return `${head}${printExactJson(maskTree(parseExactJson(json)).tree)}${tail}`;
  } catch {
    return maskText(line);
  }
}

/** Rows of several keys come in the order of the store or of the partitions, which is not the same here. */
const isUnordered = (step: HttpStep): boolean => {
  const { sql, ksql } = (step.request.body ?? {}) as { sql?: unknown; ksql?: unknown };
  const text = typeof sql === 'string' ? sql : typeof ksql === 'string' ? ksql : '';
  return /^\s*SELECT/i.test(text);
};

const asSet = (lines: readonly string[]): string =>
  [
    (lines[0] ?? '').startsWith('[') ? 'starts an array' : '',
    /\](?=\s*$)/.test(lines.at(-1) ?? '') ? 'ends an array' : '',
    ...lines
      .map((line) =>
        line
          .replace(/^\[(?=\{)/, '')
          .replace(/,$/, '')
          .replace(/(?<=\})\]$/, ''),
      )
      .sort(),
  ].join('\n');

export function compareWebsocket(step: WebsocketStep, actual: WebsocketAnswer): Verdict {
  const wanted = step.messages.map(maskMessage);
  const got = actual.messages.map(maskMessage);
  const sameWording = step.messages.map(maskText).join('\n') === actual.messages.map(maskText).join('\n');
  if (wanted.join('\n') !== got.join('\n') && asSet(wanted) !== asSet(got))
    return { difference: shown('messages', wanted.join('\n'), got.join('\n')), sameWording: false };
  if (step.close.code !== undefined && step.close.code !== actual.code) {
    return { difference: `close code: expected ${step.close.code}, got ${actual.code}`, sameWording: false };
  }
  return { difference: undefined, sameWording };
}

const maskMessage = (message: string): string => {
  if (!message.startsWith('{"error":') || message === '{"error":"done"}') return maskText(message);
  return '{"error":"<wording>"}';
};
