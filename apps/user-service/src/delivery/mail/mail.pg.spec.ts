import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { createServer, type Server } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { NoticeEvent } from '../../alerts/notices/notice.js';
import { tell } from '../../alerts/telling/tell.js';
import { Database } from '../../database/database.js';
import { ServiceOnPostgres } from '../../testing/service-on-postgres.js';
import { DeliveryStore } from '../delivery-store.js';
import type { MessageLine, NoticeMessage } from '../notice-message.js';
import { MailSender } from './mail-sender.js';
import { noticeText } from './mail-text.js';

interface Mail {
  readonly to: readonly string[];
  readonly text: string;
}

let smtp: SMTPServer;
let smtpUrl = '';
let service: ServiceOnPostgres;
const mails: Mail[] = [];
let refuse: ((address: string) => Error | undefined) | undefined;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _, callback) => callback(refuse?.(address) ?? null),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        // Folded headers and soft line breaks are no part of what is said.
        const text = Buffer.concat(chunks)
          .toString()
          .replace(/=\r\n/g, '')
          .replace(/\r\n[ \t]+/g, ' ')
          .replace(/=3D/g, '=');
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  smtpUrl = `smtp://127.0.0.1:${(smtp.server.address() as { port: number }).port}`;
  service = await ServiceOnPostgres.start({
    environment: { SMTP_URL: smtpUrl, PUBLIC_URL: 'https://isobar.example.org', MAIL_FROM: 'Isobar <a@example.org>' },
  });
}, 120_000);
afterAll(async () => {
  await service?.stop();
  await new Promise<void>((resolve) => smtp.close(resolve));
}, 60_000);
afterEach(async () => {
  refuse = undefined;
  mails.length = 0;
  await service.sql('DELETE FROM delivery_targets; DELETE FROM mail_questions');
});

let episodes = 0;
async function befall(userId: number): Promise<void> {
  episodes += 1;
  const nowMs = Date.now();
  const line = {
    key: { episodeId: `m${episodes}`, kind: 'raised' as const, ordinal: 1 },
    ...{ ruleId: 'official/x', ruleVersion: 1, placeId: 'home', severity: 'CRITICAL' as const, lifeSafety: true },
    ...{ startMs: nowMs, endMs: null, atMs: nowMs, value: null, peakValue: null, reason: null },
  };
  const event: NoticeEvent = { kind: 'raised', line, isHeldBack: false, notBeforeMs: null };
  await service.app.get(Database).transaction((manager) => tell(manager, new Map([[String(userId), [event]]]), nowMs));
}

const tokenIn = ({ text }: Mail): string => /token=([\w-]{43})/.exec(text)?.[1] ?? '';
const viewOf = async (userId: number): Promise<unknown> => (await service.call('GET', `/users/${userId}/email`)).body;

it('a person is mailed once they followed the link, and no more once they said so', async () => {
  const set = () => service.call('PUT', '/users/1/email', { address: 'ann@example.org' });
  expect(await set()).toMatchObject({ status: 200, body: { confirmed: false } });
  await set();
  await eventually('the question comes', 10_000, async () => expect(mails).toHaveLength(1));
  await befall(1);
  const token = tokenIn(mails[0] ?? { to: [], text: '' });
  // Looking at the link decides nothing.
  const looked = await fetch(`${service.url}/email/confirm?token=${token}`);
  expect([looked.status, await looked.text()]).toEqual([200, expect.stringContaining('<button>')]);
  expect(await viewOf(1)).toMatchObject({ confirmed: false });
  const form = { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: '' };
  expect((await fetch(`${service.url}/email/confirm?token=${token}`, form)).status).toBe(200);
  expect(await viewOf(1)).toMatchObject({ confirmed: true, enabled: true });
  await befall(1);
  await eventually('the notice comes', 10_000, async () => expect(mails).toHaveLength(2));
  const { to, text } = mails[1] ?? { to: [], text: '' };
  expect(to).toEqual(['ann@example.org']);
  expect(text).toContain(`List-Unsubscribe: <https://isobar.example.org/email/unsubscribe?token=${token}>`);
  expect(text).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
  expect(text).toMatch(/Message-ID: <[0-9a-f]{32}@isobar\.example\.org>/);
  expect(text).toContain('Content-Type: text/plain');
  expect(text).toContain('Content-Type: text/html');
  expect(text).toContain('<li>An official warning');

  // As a mail provider does it for its reader.
  const oneClick = { ...form, body: 'List-Unsubscribe=One-Click' };
  expect((await fetch(`${service.url}/email/unsubscribe?token=${token}`, oneClick)).status).toBe(200);
  await befall(1);
  expect(await viewOf(1)).toMatchObject({ enabled: false });
  const [waiting] = await service.sql(`SELECT count(*)::int AS count FROM deliveries WHERE state = 'PENDING'`);
  expect(waiting).toEqual({ count: 0 });
  expect((await fetch(`${service.url}/email/confirm?token=${'x'.repeat(43)}`, form)).status).toBe(404);
  expect((await fetch(`${service.url}/email/confirm?token=x`, form)).status).toBe(422);
  expect((await service.call('DELETE', '/users/1/email')).status).toBe(204);
  expect((await service.call('GET', '/users/1/email')).status).toBe(404);
  expect((await service.call('PUT', '/users/1/email', { address: 'nobody' })).status).toBe(422);
}, 60_000);

it('nobody is asked more than three times a day, however many people, changes and removals ask for it', async () => {
  const set = async (userId: number, address: string): Promise<number> =>
    (await service.call('PUT', `/users/${userId}/email`, { address })).status;
  const answers: number[] = [];
  for (const userId of [1, 2]) {
    answers.push(await set(userId, 'victim@example.org'), await set(userId, 'other@example.org'));
    await service.call('DELETE', `/users/${userId}/email`);
    answers.push(await set(userId, 'Victim@example.org'));
  }
  expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
  expect(await service.call('PUT', '/users/3/email', { address: 'victim@example.org' })).toMatchObject({
    status: 429,
    body: { detail: expect.stringMatching(/3 questions within a day.*again after 20/) },
  });
  // Nothing was changed by what was refused.
  expect((await service.call('GET', '/users/3/email')).status).toBe(404);
  const [{ text } = { text: '' }] = await service.sql("SELECT string_agg(q::text, '') AS text FROM mail_questions q");
  expect(text).not.toMatch(/victim/i);
  // A day later they may be asked again.
  const nowMs = Date.now() + 24 * 3_600_000;
  await new DeliveryStore(service.app.get(Database)).forget(nowMs);
  expect(await service.sql('SELECT FROM mail_questions')).toEqual([]);
  expect(await set(3, 'victim@example.org')).toBe(200);
});

it('what people named is text and no markup, and a subject has one line', () => {
  const message = {
    type: 'alert.notice',
    timestamp: '',
    data: { noticeId: 'n', userId: 1, delivery: 'INTERRUPT', more: 0 },
  };
  const line = { text: 'Heat\r\nBcc: all@example.org <b>&' } as MessageLine;
  const { subject, html } = noticeText(
    { ...message, data: { ...message.data, lines: [line] } } as NoticeMessage,
    'https://x/?a="b"',
  );
  expect(subject).toBe('Heat Bcc: all@example.org <b>&');
  expect(html).toContain('&#60;b&#62;&#38;</li>');
  expect(html).toContain('href="https://x/?a=&#34;b&#34;"');
});

const target = {
  ...{ id: '1', userId: '1', channel: 'EMAIL' as const, address: 'ann@example.org', secret: null, token: 't' },
  ...{ failures: 0, failingSinceMs: null },
};
const delivery = { id: 'd', notice: { type: 'email.confirmation' }, attempts: 0, createdAtMs: 0 };
const senderTo = (url: string, timeoutMs = 30_000) =>
  new MailSender({ smtpUrl: url, from: 'a@example.org', publicUrl: 'https://isobar.example.org', timeoutMs });

it('a server that refuses for good, for now, hangs or is away is told apart', async () => {
  const withCode = (responseCode: number) => () => Object.assign(new Error('not here'), { responseCode });
  refuse = withCode(550);
  expect(await senderTo(smtpUrl).send(target, delivery)).toMatchObject({ kind: 'refused' });
  refuse = withCode(450);
  expect(await senderTo(smtpUrl).send(target, delivery)).toMatchObject({ kind: 'failed' });
  const hanging: Server = createServer(() => undefined);
  await new Promise<void>((resolve) => hanging.listen(0, '127.0.0.1', resolve));
  const { port } = hanging.address() as { port: number };
  expect(await senderTo(`smtp://127.0.0.1:${port}`, 300).send(target, delivery)).toMatchObject({ kind: 'failed' });
  await new Promise((resolve) => hanging.close(resolve));
  expect(await senderTo(`smtp://127.0.0.1:${port}`).send(target, delivery)).toMatchObject({
    kind: 'failed',
    because: expect.stringContaining('ECONNREFUSED'),
  });
}, 60_000);
