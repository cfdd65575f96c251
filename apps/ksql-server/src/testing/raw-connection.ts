import { connect } from 'node:net';

/** Sends bytes as they are over a connection of their own. @returns what came back until the server ended the connection */
export function exchange(port: number, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => {
      void (async () => {
        for (const piece of pieces) {
          socket.write(piece);
          // A piece of its own on the wire, so that the server sees it alone.
          await new Promise((done) => setTimeout(done, 20));
        }
      })();
    });
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') reject(error);
    });
  });
}
