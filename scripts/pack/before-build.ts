import { gatherNatives, type Target } from './natives.ts';

/**
 * electron-builder's `beforeBuild`, called once for each system and processor. Its answer, false, says that `node_modules` is
 * taken care of here: of more than 400 MB that it would pack, the bundle already holds what the app uses.
 */
export default async function beforeBuild(context: { platform: { nodeName: string }; arch: string }): Promise<boolean> {
  await gatherNatives({ platform: context.platform.nodeName, arch: context.arch } as Target, 'fetch');
  return false;
}
