import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Log } from '../log.js';
import type { OutgoingRecord } from './outgoing-record.js';
import { fromLine, toLines } from './record-lines.js';
import type { Database } from './sqlite.js';

const recordsOfAChunk = 500;

/** Before there was a database, records waited in `records.ndjson`, delivered up to the byte in `position`. Takes over what is left there. */
export function importOldQueue(folder: string, database: Database, log: Log): void {
  const file = join(folder, 'records.ndjson');
  if (!existsSync(file)) return;
  const positionFile = join(folder, 'position');
  const position = existsSync(positionFile) ? Number(readFileSync(positionFile, 'utf8')) || 0 : 0;
  const lines = readFileSync(file).subarray(position).toString('utf8').split('\n');
  const byTopic = new Map<string, OutgoingRecord[]>();
  let unreadable = 0;
  for (const line of lines.filter((text) => text !== '')) {
    try {
      const record = fromLine(line);
      const ofTopic = byTopic.get(record.topic);
      if (ofTopic === undefined) byTopic.set(record.topic, [record]);
      else ofTopic.push(record);
    } catch {
      unreadable += 1;
    }
  }
  database.exec('BEGIN IMMEDIATE');
  const insert = database.prepare('INSERT INTO chunk (topic, bytes, crc, records) VALUES (?, ?, ?, ?)');
  for (const [topic, records] of byTopic) {
    for (let at = 0; at < records.length; at += recordsOfAChunk) {
      const chunk = toLines(records.slice(at, at + recordsOfAChunk));
      insert.run(topic, chunk.length, crc32(chunk), chunk);
    }
  }
  database.exec('COMMIT');
  if (unreadable === 0) rmSync(file);
  else {
    renameSync(file, join(folder, 'set-aside-records.ndjson'));
    log.error({ folder, lines: unreadable }, 'lines of the old queue cannot be read; the file is put aside');
  }
  rmSync(positionFile, { force: true });
}
