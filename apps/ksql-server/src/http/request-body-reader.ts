import type { ServerLimits } from '../limits.js';
import type { Request } from './http-listener.js';
import { BAD_REQUEST, BODY_TOO_LARGE, REQUEST_TIMEOUT, RequestError } from './responses.js';

/**
 * The whole body as text.
 * @throws RequestError 413 when it is too large, which a declared length tells at once; 408 when it does not come in time
 */
export function readBody(request: Request, limits: ServerLimits): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      settle();
    };
    const fail = (error: RequestError): void => {
      end(() => reject(error));
      // What still comes is let go by; the client reads the answer when it has sent everything.
      request.resume();
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limits.bodyBytes) fail(tooLarge(limits));
      else chunks.push(chunk);
    };
    const onEnd = (): void => end(() => resolve(Buffer.concat(chunks).toString('utf8')));
    const onClose = (): void => fail(new RequestError(BAD_REQUEST, 'The request was broken off'));
    const timer = setTimeout(
      () => fail(new RequestError(REQUEST_TIMEOUT, `The request did not come within ${limits.requestTimeoutMs} ms`)),
      limits.requestTimeoutMs,
    );
    request.on('data', onData).once('end', onEnd).once('close', onClose);
    if (Number(request.headers['content-length']) > limits.bodyBytes) fail(tooLarge(limits));
  });
}

const tooLarge = ({ bodyBytes }: ServerLimits): RequestError =>
  new RequestError(
    BODY_TOO_LARGE,
    `The request body is larger than ${bodyBytes} bytes. Send it in parts, or raise HTTP_BODY_BYTES_MAX.`,
  );

/** The body line by line, as it arrives; the client may take its time. @throws RequestError when one line is too long */
export async function* readLines(request: Request, { bodyBytes }: ServerLimits): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of request as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > bodyBytes)
      throw new RequestError(
        BAD_REQUEST,
        `A line is longer than ${bodyBytes} bytes. Send shorter rows, or raise HTTP_BODY_BYTES_MAX.`,
      );
    yield* lines;
  }
  if (rest !== '') yield rest;
}
