import { parseArgs } from 'node:util';

export const USAGE = `Longshore in the browser.

  --data <folder>                   use this data folder instead of the default one
  --port <number>                   listen on this port of 127.0.0.1 (default: any free port)
  --no-open                         print the address without opening a browser
  --practice-rows-per-second <n>    speed of the practice org; 0 is as fast as possible
  --practice-records <n>            number of accounts in a new practice org
  --help                            show this help`;

export interface HostArguments {
  readonly help: boolean;
  readonly data: string | undefined;
  readonly port: number;
  readonly open: boolean;
  readonly practiceRowsPerSecond: number | undefined;
  readonly practiceRecords: number | undefined;
}

/** The words after the command, or a sentence that says what is wrong with them. */
export function readArguments(words: readonly string[]): HostArguments | { readonly wrong: string } {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        help: { type: 'boolean', default: false },
        port: { type: 'string', default: '0' },
        data: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        'practice-rows-per-second': { type: 'string' },
        'practice-records': { type: 'string' },
      },
    });
    if (values.data?.trim() === '') return { wrong: '--data needs a folder.' };
    return {
      help: values.help,
      data: values.data,
      port: wholeNumber('--port', values.port, 65_535),
      open: !values['no-open'],
      practiceRowsPerSecond: optional('--practice-rows-per-second', values['practice-rows-per-second']),
      practiceRecords: optional('--practice-records', values['practice-records']),
    };
  } catch (error) {
    if (error instanceof WrongWord) return { wrong: error.message };
    if (error instanceof TypeError && 'code' in error) return { wrong: sentenceOf(String(error.code), error.message) };
    throw error;
  }
}

class WrongWord extends Error {}

function optional(name: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : wholeNumber(name, text, Number.MAX_SAFE_INTEGER);
}

function wholeNumber(name: string, text: string, atMost: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > atMost)
    throw new WrongWord(
      `${name} needs a whole number${atMost === 65_535 ? ' from 0 to 65535' : ' of 0 or more'}, not “${text}”.`,
    );
  return number;
}

/** Node's own codes for what `parseArgs` refuses; its messages name the word in single quotes. */
function sentenceOf(code: string, message: string): string {
  const word = /'([^'\s]+)/.exec(message)?.[1] ?? '';
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `There is no option ${word}.`;
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `“${word}” is not an option. To load a file, drop it into the window.`;
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return message.includes('does not take an argument')
        ? `${word} does not take a value.`
        : `${word} needs a value.`;
    default:
      return message;
  }
}

/** A practice org's own flags. */
export function practiceArguments(given: HostArguments, data: string): string[] {
  const { practiceRowsPerSecond: pace, practiceRecords: records } = given;
  return [
    ...['--data', data],
    ...(pace === undefined ? [] : ['--rows-per-second', String(pace), '--queue-delay', pace === 0 ? '0' : '400']),
    ...(records === undefined ? [] : ['--records', String(records)]),
  ];
}

/** Process 0: who has it could not be read. */
export function doesNotAnswer(pid: number): string {
  return `Longshore is already running on this data folder${pid === 0 ? '' : ` (process ${pid})`} but does not respond.\nQuit it, or choose another folder with --data.`;
}

export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES');
}

export function portTaken(port: number): string {
  return `Port ${port} is in use on this computer.\nChoose another port with --port, or leave the option out.`;
}
