/** A check of one thing a real client does; the names are what the run prints. */
type Check = () => Promise<void>;

/** Runs checks one after the other and counts them. A failure is printed and the next check goes on. */
export class Checks {
  passed = 0;
  readonly failures: string[] = [];

  async run(name: string, check: Check): Promise<void> {
    const startedAt = performance.now();
    try {
      await Promise.race([check(), tooLong()]);
      this.passed++;
      process.stdout.write(`  ok      ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`);
    } catch (error) {
      this.failures.push(name);
      const said = error instanceof Error ? error.message : String(error);
      // Clients print whole screens of progress: their last words are the ones that count.
      const text = said.length > 1500 ? `…${said.slice(-1500)}` : said;
      process.stdout.write(`  FAILED  ${name}\n          ${text.replaceAll('\n', '\n          ')}\n`);
    }
  }
}

/** The org under test, as `run.ts` starts it. */
export interface OrgUnderTest {
  readonly url: string;
  readonly tlsUrl: string;
  readonly certificate: string;
  readonly adminUrl: string;
  readonly accessToken: string;
}

/** An empty folder of this run's own, and where the clients are installed. */
export interface Places {
  readonly work: string;
  readonly clients: string;
}

export async function setFaults(org: OrgUnderTest, rules: unknown[]): Promise<void> {
  await fetch(`${org.adminUrl}/faults`, { method: 'PUT', body: JSON.stringify(rules) });
}

/** Plays the person on the sign-in pages: logs in and allows, as the forms say. Resolves with where the browser ends up. */
export async function signInOnPages(authorizeUrl: string, username = 'admin@practice.example'): Promise<string> {
  const hidden = (html: string): URLSearchParams =>
    new URLSearchParams(
      [...html.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']): [string, string] => [
          name,
          value.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code))),
        ],
      ),
    );
  const { origin } = new URL(authorizeUrl);
  const login = hidden(await (await fetch(authorizeUrl)).text());
  login.set('username', username);
  login.set('password', 'practice');
  const consent = hidden(await (await fetch(`${origin}/login`, { method: 'POST', body: login })).text());
  consent.set('answer', 'allow');
  const answer = await fetch(`${origin}/consent`, { method: 'POST', body: consent, redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

/** A client that waits for ever has failed. */
function tooLong(): Promise<never> {
  return new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error('nothing came of it in two minutes')), 120_000).unref();
  });
}
