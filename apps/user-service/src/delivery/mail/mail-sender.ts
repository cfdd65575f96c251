import { createTransport } from 'nodemailer';
import type { NoticeMessage } from '../notice-message.js';
import type { Delivery, Outcome, Sender, Target } from '../target.js';
import { confirmationText, noticeText } from './mail-text.js';

/** For each step of the talk with the mail server, and for all of them. */
const stepMs = 10_000;
const timeoutMs = 30_000;

export interface MailSenderOptions {
  /** `smtp://user:password@host:port` */
  readonly smtpUrl: string;
  readonly from: string;
  /** Where links lead to. */
  readonly publicUrl: string;
  readonly timeoutMs?: number;
}

/** What is queued to ask for a confirmation. */
export const confirmation = { type: 'email.confirmation' } as const;

/** Hands notices to a mail server, with a link by which a person ends it (RFC 8058). The same delivery has the same Message-ID. */
export class MailSender implements Sender {
  private readonly timeoutMs: number;

  constructor(private readonly options: MailSenderOptions) {
    this.timeoutMs = options.timeoutMs ?? timeoutMs;
  }

  async send({ address, token }: Target, { id, notice }: Delivery): Promise<Outcome> {
    const { smtpUrl, from, publicUrl } = this.options;
    const linkTo = (path: string): string => `${publicUrl}/email/${path}?token=${encodeURIComponent(token ?? '')}`;
    const unsubscribeUrl = linkTo('unsubscribe');
    const isQuestion = (notice as { type?: unknown }).type === confirmation.type;
    const text = isQuestion ? confirmationText(linkTo('confirm')) : noticeText(notice as NoticeMessage, unsubscribeUrl);
    const step = Math.min(stepMs, this.timeoutMs);
    // A connection of its own: what hangs holds up nothing else.
    const transport = createTransport({
      url: smtpUrl,
      connectionTimeout: step,
      greetingTimeout: step,
      socketTimeout: step,
      dnsTimeout: step,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    let timer: NodeJS.Timeout | undefined;
    try {
      const sent = transport.sendMail({
        from,
        to: { name: '', address },
        ...text,
        messageId: `<${id}@${new URL(publicUrl).hostname}>`,
        headers: {
          'Auto-Submitted': 'auto-generated',
          ...(isQuestion
            ? {}
            : {
                'List-Unsubscribe': `<${unsubscribeUrl}>`,
                'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
              }),
        },
      });
      sent.catch(() => undefined);
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`the mail server was silent for ${this.timeoutMs} ms`)),
          this.timeoutMs,
        );
      });
      await Promise.race([sent, late]);
      return { kind: 'delivered' };
    } catch (error) {
      return outcomeOf(error);
    } finally {
      clearTimeout(timer);
      transport.close();
    }
  }
}

/** Codes of 500 and above are final (RFC 5321, 4.2.1), but for those that are about ourselves. */
function outcomeOf(error: unknown): Outcome {
  const { code, responseCode, message } = error as { code?: string; responseCode?: number; message?: string };
  const because = (message ?? String(error)).replace(/\s+/g, ' ').slice(0, 300);
  const isFinal = (responseCode ?? 0) >= 500 && code === 'EENVELOPE';
  return isFinal ? { kind: 'refused', because } : { kind: 'failed', because };
}
