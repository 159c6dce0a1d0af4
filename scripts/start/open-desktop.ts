import { spawn } from 'node:child_process';

/** An Electron that ends this soon, and not well, never had a window. */
const EARLY_MS = 5000;
/** The app's own code for words that it does not take (electron/hosts/desktop/main.ts): it said which, and the browser host takes them no more. */
const WRONG_WORDS = 2;
/** What is kept of its words: Chromium says why it gives up in its last lines. */
const KEPT = 8192;

export type Opened =
  { readonly kind: 'ended'; readonly code: number } | { readonly kind: 'never-opened'; readonly why: string };

/** Runs the desktop app to its end. `why` is half a sentence, for after a colon. */
export async function openDesktop(binary: string, args: readonly string[], cwd: string): Promise<Opened> {
  const started = performance.now();
  const child = spawn(binary, args, { stdio: ['inherit', 'inherit', 'pipe'], cwd });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-KEPT);
    process.stderr.write(text);
  });
  let interrupted = false;
  const onInterrupt = (): void => {
    interrupted = true;
  };
  // The terminal tells both; the app ends first.
  process.on('SIGINT', onInterrupt);
  try {
    const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    const early = performance.now() - started < EARLY_MS;
    if (code === 0 || code === WRONG_WORDS || interrupted || !early) return { kind: 'ended', code: code ?? 1 };
    return { kind: 'never-opened', why: whyItDied(words, signal ?? `code ${code}`) };
  } catch (error) {
    return { kind: 'never-opened', why: `it can’t be run (${error instanceof Error ? error.message : String(error)})` };
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

/** By what Chromium and the system’s loader print; there is no code that would say it. */
export function whyItDied(words: string, ending: string): string {
  // Since Ubuntu 23.10 programs without an AppArmor profile get no user namespaces
  // (https://ubuntu.com/blog/ubuntu-23-10-restricted-unprivileged-user-namespaces).
  if (/No usable sandbox|SUID sandbox helper|zygote_host_impl_linux/.test(words))
    return 'this system does not allow its sandbox to start (the installed .deb brings the profile that does)';
  const library = /error while loading shared libraries: ([^:\s]+)/.exec(words)?.[1];
  if (library !== undefined) return `the system’s library ${library} is missing`;
  if (/Missing X server|cannot open display|Failed to connect to Wayland/i.test(words))
    return 'its display can’t be opened';
  return `it ended at once, with ${ending}`;
}
