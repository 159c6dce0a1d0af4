import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Answers what is not HTTP at all, and refuses to switch protocols: streaming falls back to long polling. */
export function guard(server: Server): void {
  server.keepAliveTimeout = 30_000;
  server.requestTimeout = 0;
  server.on('clientError', (_error: Error, socket: Socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  server.on('upgrade', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}

/** Listens on loopback and says which port it is: for port 0 the one it had `before`, if that is still to be had, else any. */
export async function listen(server: Server, port: number, before: number | null = null): Promise<number> {
  await bind(server, port || (before ?? 0)).catch((error: unknown) => {
    const code = (error as { code?: unknown }).code;
    if (port !== 0 || before === null || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error;
    return bind(server, 0);
  });
  return (server.address() as AddressInfo).port;
}

function bind(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
