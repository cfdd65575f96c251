import type { NoticeMessage } from '../notice-message.js';

/** What a person reads; both forms say the same. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const subjectMax = 120;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 0};`);

/** @param unsubscribeUrl where a person ends it */
export function noticeText({ data: { lines, more } }: NoticeMessage, unsubscribeUrl: string): MailText {
  const [first] = lines;
  const texts = lines.map(({ text }) => text);
  const subject =
    lines.length === 1 && more === 0 ? (first?.text ?? '') : `${lines.length + more} notices of your alerts`;
  const rest = more === 0 ? [] : [`And ${more} more, in your inbox.`];
  const why = 'You get this mail because you asked for your alerts by mail.';
  return {
    // Names of rules are people's own text: a subject has one line.
    subject: subject.replace(/\s+/g, ' ').slice(0, subjectMax),
    text: [...texts, ...rest, '', why, `To get no more: ${unsubscribeUrl}`].join('\n'),
    html: [
      '<ul>',
      ...[...texts, ...rest].map((text) => `<li>${escaped(text)}</li>`),
      `</ul><p>${why} <a href="${escaped(unsubscribeUrl)}">Get no more</a></p>`,
    ].join('\n'),
  };
}

/** @param confirmUrl where a person says that it is theirs */
export function confirmationText(confirmUrl: string): MailText {
  const ask = 'Somebody, hopefully you, wants alerts of Isobar sent to this address.';
  const otherwise = 'If it was not you, do nothing: no more mail will come.';
  return {
    subject: 'Do you want your alerts by mail?',
    text: [ask, `To confirm: ${confirmUrl}`, otherwise].join('\n\n'),
    html: `<p>${ask}</p><p><a href="${escaped(confirmUrl)}">Confirm</a></p><p>${otherwise}</p>`,
  };
}
