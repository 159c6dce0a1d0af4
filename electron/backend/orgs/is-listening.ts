import { connect } from 'node:net';

/** An address of this machine answers at once or not at all, in milliseconds. */
const AT_MOST = 500;

/** Whether anybody listens at an address of this machine; nothing is sent there. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || 80, timeout: AT_MOST });
    const say = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => say(true));
    socket.once('error', () => say(false));
    socket.once('timeout', () => say(false));
  });
}
