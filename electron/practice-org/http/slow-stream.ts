import { Transform, type Readable } from 'node:stream';

/**
 * A body that comes at a pace, and may lose its connection on the way: what a thin line does to an upload. Without
 * either it is the stream itself.
 */
export function slowed(
  source: Readable,
  bytesPerSecond: number,
  cut: { readonly after: number; readonly drop: () => void } | null,
): Readable {
  if (bytesPerSecond <= 0 && cut === null) return source;
  let seen = 0;
  const transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      if (cut !== null && seen >= cut.after) {
        cut.drop();
        done(new Error('the connection was dropped on purpose'));
        return;
      }
      if (bytesPerSecond <= 0) done(null, chunk);
      else setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
  });
  source.on('error', (error) => transform.destroy(error));
  // Nobody may be reading when the connection goes; whoever reads hears of it all the same.
  transform.on('error', () => undefined);
  return source.pipe(transform);
}
