import { once } from 'node:events';
import { Writer } from '@platformatic/kafka';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A request as it came. */
export interface FakeRequest {
  readonly apiKey: number;
  /** What follows the header. */
  readonly body: Buffer;
  readonly socket: Socket;
}

/** A Kafka node of which only what is told is answered: without a mistake in its answers, and never in the wrong order. */
export class FakeNode {
  isSilent = false;
  port = 0;
  readonly sockets: Socket[] = [];
  /** Answers that were not sent because it was silent. */
  readonly late: (() => void)[] = [];
  readonly #server: Server;

  /** `answer` gives what follows the header; undefined for no answer. */
  constructor(private readonly answer: (request: FakeRequest) => Buffer | undefined | Promise<Buffer | undefined>) {
    this.#server = createServer((socket) => {
      this.sockets.push(socket.on('error', () => undefined));
      let unread = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        unread = Buffer.concat([unread, chunk]);
        for (; unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0);) {
          const request = unread.subarray(4, 4 + unread.readInt32BE(0));
          unread = unread.subarray(4 + request.length);
          if (this.isSilent) this.late.push(() => this.#answer(socket, request));
          else this.#answer(socket, request);
        }
      });
    });
  }

  /** Gives its address, host:port. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
    return `127.0.0.1:${this.port}`;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }

  #answer(socket: Socket, request: Buffer): void {
    const body = request.subarray(11 + Math.max(0, request.readInt16BE(8)));
    const send = (content: Buffer | undefined): void => {
      if (content === undefined) return;
      const head = Buffer.alloc(9);
      head.writeInt32BE(5 + content.length, 0);
      head.writeInt32BE(request.readInt32BE(4), 4);
      socket.write(Buffer.concat([head, content]));
    };
    const answer = this.answer({ apiKey: request.readInt16BE(0), body, socket });
    if (answer instanceof Promise) void answer.then(send);
    else send(answer);
  }
}

/** Who leads which partition of a topic (answer to a metadata request, version 12). */
export function metadataAnswer(
  nodes: readonly FakeNode[],
  topic: string,
  topicId: string,
  leaders: readonly number[],
): Buffer {
  return Writer.create()
    .appendInt32(0)
    .appendArray([...nodes.entries()], (writer, [id, { port }]) =>
      writer.appendInt32(id).appendString('127.0.0.1').appendInt32(port).appendString(null),
    )
    .appendString('cluster')
    .appendInt32(0)
    .appendArray([topic], (writer, name) =>
      writer
        .appendInt16(0)
        .appendString(name)
        .appendUUID(topicId)
        .appendBoolean(false)
        .appendArray([...leaders.entries()], (inner, [partition, leader]) =>
          inner
            .appendInt16(0)
            .appendInt32(partition)
            .appendInt32(leader)
            .appendInt32(0)
            .appendArray([leader], (w, id) => w.appendInt32(id), true, false)
            .appendArray([leader], (w, id) => w.appendInt32(id), true, false)
            .appendArray<number>([], () => undefined, true, false),
        )
        .appendInt32(0),
    )
    .appendTaggedFields().buffer;
}
