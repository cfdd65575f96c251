import { DraftCatalog, KsqlError, ParseFailedError, parseStatements } from '@isobar/ksql-engine';
import { dependencyOrder } from '../files/dependency-order.js';
import type { PipelineObject, Place } from '../files/pipeline-object.js';
import { readFolder, type ReadOptions } from '../files/read-pipeline.js';
import { SqlFileError } from '../files/sql-file-error.js';
import { findingOf, type Finding } from './finding.js';
import { objectFindings } from './object-rules.js';

export interface LintOptions extends ReadOptions {
  /** Topics that others than the queries write; a source over any other topic is an orphan. Not given: no topic is one. */
  readonly topics?: readonly string[];
}

export interface LintReport {
  readonly objects: readonly PipelineObject[];
  /** By file and line. */
  readonly findings: readonly Finding[];
}

/** Checks all files of a folder, without a server. All that is found is told at once. */
export async function lintPipeline(folder: string, options: LintOptions = {}): Promise<LintReport> {
  const { objects, errors, files } = await readFolder(folder, options);
  const findings = errors.map((error) => findingOf('unreadable', error));
  const readable = objects.filter((object) => {
    const error = syntaxError(object);
    if (error) findings.push(findingOf('unreadable', error));
    return error === undefined;
  });
  const isWhole = readable.length === objects.length && errors.length === 0;
  // What reads a file that cannot be read would be accused of reading nothing.
  const together = isWhole ? findingsTogether(readable, options.topics) : [];
  for (const each of [...readable.flatMap((object) => objectFindings(object, files)), ...together]) {
    const object = readable.find(({ file }) => file === each.file);
    if (object?.directives.allowed.has(each.rule) !== true) findings.push(each);
  }
  const byPlace = (a: Finding, b: Finding): number => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0);
  return { objects: readable, findings: findings.sort(byPlace) };
}

function syntaxError({ file, sql }: PipelineObject): SqlFileError | undefined {
  try {
    parseStatements(sql);
    return undefined;
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    return new SqlFileError(file, placeOf(error), withoutPlace(error.message));
  }
}

/** Dependencies first; then each statement is planned as a server would, on those before it. */
function findingsTogether(objects: readonly PipelineObject[], topics: readonly string[] | undefined): Finding[] {
  try {
    const refused = refusals(dependencyOrder(objects));
    return topics === undefined ? refused : [...refused, ...orphans(objects, topics)];
  } catch (error) {
    if (!(error instanceof SqlFileError)) throw error;
    return [findingOf('dependencies', error)];
  }
}

function refusals(ordered: readonly PipelineObject[]): Finding[] {
  const found: Finding[] = [];
  let catalog = DraftCatalog.empty();
  for (const object of ordered) {
    // Its own mistake is the one to tell, not that of what it reads.
    if (object.sources.some((source) => !catalog.has(source))) continue;
    try {
      catalog = catalog.with(object.sql).catalog;
    } catch (error) {
      if (!(error instanceof KsqlError)) throw error;
      const place = placeOf(error) ?? object.place;
      found.push(findingOf('refused', new SqlFileError(object.file, place, withoutPlace(error.message))));
    }
  }
  return found;
}

function orphans(objects: readonly PipelineObject[], written: readonly string[]): Finding[] {
  const results = new Set(objects.filter(({ isQuery }) => isQuery).map(({ topic }) => topic));
  const read = new Set(objects.flatMap(({ sources }) => sources));
  const readTopics = new Set(objects.filter(({ isQuery }) => !isQuery).map(({ topic }) => topic));
  return objects.flatMap((object): Finding[] => {
    const { file, name, topic, isQuery, place, directives } = object;
    const orphan = (message: string, instead: string): Finding[] => [
      { rule: 'orphan-topic', file, ...place, message, instead },
    ];
    if (!isQuery && !results.has(topic) && !written.includes(topic))
      return orphan(`nobody writes the topic ${topic}`, 'the topic of a query or a declared topic in KAFKA_TOPIC');
    const isRead = read.has(name) || (isQuery && readTopics.has(topic)) || directives.readers.length > 0;
    return isRead ? [] : orphan(`nobody reads ${name}`, isQuery ? '-- @readers who-reads-it' : 'remove the file');
  });
}

const inMessage = /\bline:? (\d+)(?::(\d+)|, col(?:umn)?:? (\d+)):?\s*/i;

/** The place that the engine names; its messages count columns from 1. */
export function placeOf(error: KsqlError): Place | undefined {
  const found = inMessage.exec(error.message);
  if (found) return { line: Number(found[1]), column: Number(found[2] ?? found[3]) };
  const location = error instanceof ParseFailedError ? error.location : undefined;
  return location && { line: location.line, column: location.column + 1 };
}

export const withoutPlace = (message: string): string => message.replace(inMessage, '').trim();
