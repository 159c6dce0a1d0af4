import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const LAUNCH = fileURLToPath(new URL('./launch.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-stand-in-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

/** Lines that an app says, which is made of a main and whatever other files. */
async function run(main: string, files: Record<string, string> = {}): Promise<{ said: string[]; code: number | null }> {
  const app = await mkdtemp(join(folder, 'app-'));
  await writeFile(
    join(app, 'package.json'),
    JSON.stringify({ type: 'module', main: 'main.js', version: '1.2.3', name: 'an-app' }),
  );
  await writeFile(join(app, 'main.js'), `${SAY}\n${main}`);
  for (const [name, text] of Object.entries(files)) await writeFile(join(app, name), text);
  return start(app);
}

const SAY = `
import * as electron from 'electron';
import { appendFileSync } from 'node:fs';
const { app, BrowserWindow } = electron;
const say = (text) => appendFileSync(process.env.SAID, text + '\\n');
const tell = (emitter, who, ...names) => {
  for (const name of names) emitter.on(name, () => say(who + ' ' + name));
};`;

async function start(app: string, data = join(folder, 'data')): Promise<{ said: string[]; code: number | null }> {
  await mkdir(data, { recursive: true });
  const said = join(app, 'said.txt');
  const child = spawn(process.execPath, ['--unhandled-rejections=warn-with-error-code', LAUNCH, app, 'word.csv'], {
    env: { ...process.env, LONGSHORE_STAND_IN_DATA: data, SAID: said },
    stdio: 'ignore',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  const text = await readFile(said, 'utf8').catch(() => '');
  return { said: text.split('\n').filter((line) => line !== ''), code };
}

test('ready comes after the main module was evaluated, and what it awaits before', async () => {
  const { said } = await run(
    `
    app.whenReady().then(() => { say('ready ' + app.isReady()); app.quit(); });
    await 1;
    await import('./other.js');
    say('evaluated ' + app.isReady());`,
    { 'other.js': '' },
  );
  expect(said).toEqual(['evaluated false', 'ready true']);
});

test('a main that awaits ready at its top level is never ready', async () => {
  const { said, code } = await run(`say('before'); await app.whenReady(); say('after'); app.quit();`);
  expect(said).toEqual(['before']);
  // Node's code for a top-level await that nothing can settle any more; Electron's process would stay for ever.
  expect(code).toBe(13);
});

test('quit asks the app, then each window, then says will-quit and quit', async () => {
  const { said, code } = await run(`
    tell(app, 'app', 'before-quit', 'will-quit', 'quit', 'window-all-closed');
    app.whenReady().then(() => {
      const window = new BrowserWindow();
      tell(window, 'window', 'close', 'closed');
      app.quit();
    });`);
  expect(said).toEqual(['app before-quit', 'window close', 'window closed', 'app will-quit', 'app quit']);
  expect(code).toBe(0);
});

test('a window that stays open calls the quit off, and so do before-quit and will-quit', async () => {
  const { said } = await run(`
    tell(app, 'app', 'before-quit', 'will-quit', 'quit');
    const once = (emitter, name) => emitter.once(name, (event) => { event.preventDefault(); setImmediate(() => app.quit()); });
    app.whenReady().then(() => {
      const window = new BrowserWindow();
      tell(window, 'window', 'close', 'closed');
      once(app, 'before-quit');
      once(window, 'close');
      once(app, 'will-quit');
      app.quit();
    });`);
  expect(said).toEqual([
    ...['app before-quit', 'app before-quit', 'window close', 'app before-quit', 'window close', 'window closed'],
    ...['app will-quit', 'app before-quit', 'app will-quit', 'app quit'],
  ]);
});

test('the last window that is closed ends the app unless it listens', async () => {
  const open = `app.whenReady().then(() => new BrowserWindow().close());`;
  expect((await run(`tell(app, 'app', 'before-quit', 'quit'); ${open}`)).said).toEqual(['app before-quit', 'app quit']);
  const { said } = await run(`
    app.on('window-all-closed', () => { say('all closed'); setImmediate(() => { say('still here'); app.exit(3); }); });
    ${open}`);
  expect(said).toEqual(['all closed', 'still here']);
});

test('exit destroys windows without asking, and what called it goes on for a while', async () => {
  const { said, code } = await run(`
    tell(app, 'app', 'before-quit', 'will-quit', 'quit');
    app.whenReady().then(() => {
      const window = new BrowserWindow();
      tell(window, 'window', 'close', 'closed');
      process.exit(4);
      say('goes on');
    });`);
  expect(said).toEqual(['window closed', 'app quit', 'goes on']);
  expect(code).toBe(4);
});

test('a second instance gets no lock; the first hears its words and folder, after ready', async () => {
  const data = join(folder, 'data');
  const app = await mkdtemp(join(folder, 'first-'));
  await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module', main: 'main.js' }));
  await writeFile(
    join(app, 'main.js'),
    `${SAY}
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    let second;
    app.on('second-instance', async (event, argv, cwd, data) => {
      say(JSON.stringify([argv.at(-1), cwd, data, app.isReady()]));
      await second;
      app.quit();
    });
    if (app.requestSingleInstanceLock({ from: process.env.SECOND ?? 'first' })) {
      say('first');
      const words = process.env.LAUNCH.split(' ').concat('other.csv');
      second = once(spawn(process.argv[0], words, { cwd: '/', env: { ...process.env, SECOND: 'second' } }), 'exit');
    } else {
      say('second ' + app.isReady());
      app.quit();
    }`,
  );
  process.env['LAUNCH'] = `${LAUNCH} ${app}`;
  const { said } = await start(app, data);
  delete process.env['LAUNCH'];
  // The second is told that it has no lock while the first hears of it: either may speak before the other.
  const heard = JSON.stringify(['other.csv', '/', { from: 'second' }, true]);
  expect(said[0]).toBe('first');
  expect(new Set(said)).toEqual(new Set(['first', 'second false', heard]));
});

test('what needs the app to be ready throws before, and what must come before throws after', async () => {
  const { said } = await run(`
    const attempt = (what) => { try { what(); say('fine'); } catch (error) { say(error.message); } };
    attempt(() => new BrowserWindow());
    attempt(() => electron.utilityProcess.fork('x.js'));
    attempt(() => electron.protocol.handle('x', () => new Response()));
    attempt(() => electron.protocol.registerSchemesAsPrivileged([]));
    app.whenReady().then(() => {
      attempt(() => electron.protocol.registerSchemesAsPrivileged([]));
      app.quit();
    });`);
  expect(said).toEqual([
    'Cannot create BrowserWindow before app is ready',
    'utilityProcess cannot be created before app is ready.',
    'protocol.handle can only be used after app is ready',
    'fine',
    'protocol.registerSchemesAsPrivileged should be called before app is ready',
  ]);
});

test('pages are told of before anything is loaded into them, and without handlers may do everything', async () => {
  const { said } = await run(`
    app.on('web-contents-created', (event, contents) => say('contents ' + contents.getURL()));
    app.on('browser-window-created', () => say('window'));
    app.whenReady().then(() => {
      const { webContents } = new BrowserWindow();
      const may = () => say([webContents.mayNavigate('x:/', true), webContents.mayOpen('x:/'), webContents.mayAttach('x:/')].join());
      may();
      webContents.on('will-navigate', (event, url) => { say('to ' + url + event.url); event.preventDefault(); });
      webContents.on('will-attach-webview', (event) => event.preventDefault());
      webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
      may();
      app.quit();
    });`);
  expect(said).toEqual(['contents ', 'window', 'true,true,true', 'to x:/x:/', 'false,false,false']);
});

test('a utility process has a parent port and its V8 flags, and ends with the code that Electron tells', async () => {
  const { said } = await run(
    `
    const fork = (...args) => electron.utilityProcess.fork(new URL('./child.js', import.meta.url).pathname, ...args);
    app.whenReady().then(() => {
      const child = fork(['--word'], { execArgv: ['--js-flags=--max-old-space-size=99 --max-semi-space-size=3', '--inert'], env: { ...process.env, MARK: 'm' } });
      child.on('spawn', () => say('spawned ' + (child.pid > 0)));
      child.postMessage({ asked: new Map([[1, 2]]) });
      try { child.postMessage({ f() {} }); } catch (error) { say(error.name); }
      child.on('message', (message) => {
        say(JSON.stringify(message));
        child.kill();
      });
      child.on('exit', (code) => {
        say('killed ' + code + ' ' + child.pid + ' ' + child.kill());
        child.postMessage('nobody');
        const second = fork(['--end']);
        app.on('child-process-gone', (event, { reason, exitCode }) => say(reason + ' ' + exitCode));
        second.on('exit', (code) => { say('ended ' + code); setImmediate(() => app.quit()); });
      });
    });`,
    {
      'child.js': `
        import { getHeapStatistics } from 'node:v8';
        if (process.argv.includes('--end')) process.exit(7);
        process.parentPort.on('message', ({ data, ports }) => process.parentPort.postMessage({
          asked: data.asked.get(1), ports, words: process.argv.slice(2), execArgv: process.execArgv, mark: process.env.MARK,
          send: process.send === undefined, heap: getHeapStatistics().heap_size_limit < 130 * 1024 * 1024,
        }));`,
    },
  );
  expect(said).toEqual([
    'DataCloneError',
    'spawned true',
    JSON.stringify({
      asked: 2,
      ports: [],
      words: ['--word'],
      execArgv: ['--js-flags=--max-old-space-size=99 --max-semi-space-size=3', '--inert'],
      mark: 'm',
      send: true,
      heap: true,
    }),
    'killed 0 undefined false',
    'ended 7',
    'abnormal-exit 7',
  ]);
});
