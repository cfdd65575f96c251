import { WebSocket } from 'ws';
import type { WebsocketStep } from './recording.js';

export interface WebsocketAnswer {
  readonly messages: readonly string[];
  readonly code: number;
  readonly reason: string;
}

/** Opens the recorded end point and gathers its frames until the server closes. */
export function sendWebsocket(step: WebsocketStep, port: number, timeoutMs: number): Promise<WebsocketAnswer> {
  const { request, raw } = step.query;
  const query = raw ?? `request=${encodeURIComponent(JSON.stringify(request))}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}${step.path}${query === '' ? '' : `?${query}`}`);
  const messages: string[] = [];
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => socket.close(), timeoutMs);
    socket.on('message', (data: Buffer) => messages.push(data.toString('utf8')));
    socket.on('error', reject);
    socket.on('close', (code, reason) => {
      clearTimeout(deadline);
      resolve({ messages, code, reason: reason.toString('utf8') });
    });
  });
}
