/** What a release takes from the environment. `args` go to electron-builder, `says` to the terminal. */
export type ReleaseSettings = { readonly args: string[]; readonly says: string[] } | { readonly problem: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** Apple’s notary takes one of these three sets (https://www.electron.build/docs/mac, “notarize”); a part of one is a mistake. */
const NOTARY = [
  ['APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'],
  ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'],
  ['APPLE_KEYCHAIN_PROFILE'],
] as const;

/**
 * Signing and notarising are electron-builder’s own, by its own variables; this says what will be done with those that are set, and
 * refuses halves: a build that someone believes to be signed is worse than one that fails.
 */
export function buildConfig(env: Environment): ReleaseSettings {
  const feed = env['LONGSHORE_UPDATE_URL'] ?? '';
  const release = env['LONGSHORE_RELEASE'] === '1';
  const sets = NOTARY.map((names) => names.map((name) => (env[name] ?? '') !== ''));
  const notary = sets.some((set) => set.every(Boolean));
  const half = sets.findIndex((set) => set.some(Boolean) && !set.every(Boolean));
  const signed = [env['CSC_LINK'], env['WIN_CSC_LINK'], env['CSC_NAME']].some((value) => (value ?? '') !== '');

  if (feed !== '' && URL.parse(feed)?.protocol !== 'https:')
    return { problem: `LONGSHORE_UPDATE_URL must be an https: address, not “${feed}”: updates are programs.` };
  if (half !== -1 && !notary)
    return { problem: `To notarise, set all of ${NOTARY[half]?.join(', ')}; only some are set.` };
  if (release && !signed)
    return {
      problem: 'LONGSHORE_RELEASE=1 asks for signed installers: set CSC_LINK (or WIN_CSC_LINK), or CSC_NAME on macOS.',
    };
  return {
    args: [
      ...(feed === '' ? [] : ['-c.publish.provider=generic', `-c.publish.url=${feed}`]),
      ...(release ? ['-c.forceCodeSigning=true'] : []),
      ...(notary ? [] : ['-c.mac.notarize=false']),
    ],
    says: [
      signed ? 'Signing with the certificate of the environment.' : 'Not signed: no certificate is set.',
      notary ? 'macOS apps are notarised.' : 'macOS apps are not notarised: no account of Apple’s is set.',
      feed === '' ? 'No update feed: the app will not look for updates.' : `Updates come from ${feed}.`,
    ],
  };
}
