import { styleText } from 'node:util';
import { type Progress, type ProgressTask, startBar, startLines } from './progress.ts';

type Style = 'plain' | 'heading' | 'good' | 'bad' | 'faint';

/** Where the program talks to a person. Standard output holds all of it, so that it can be read in order. */
export type Terminal = {
  /** Writes one line (or several, joined by newlines), above a running progress bar. */
  line(text?: string): void;
  /** The text in a colour; as it is when the output is no terminal or NO_COLOR is set. */
  style(style: Style, text: string): string;
  /** Shows how far a task has come: a bar on a terminal, else a line now and then. One task at a time. */
  startTask(task: ProgressTask): Progress;
  /** Columns that fit, undefined where the output is no terminal. */
  readonly width: number | undefined;
};

const formats = {
  heading: 'bold',
  good: 'green',
  bad: 'red',
  faint: 'dim',
} as const;

/** The terminal of a stream; `now` gives milliseconds and paces the lines. */
export const openTerminal = (
  stream: NodeJS.WriteStream,
  environment: Readonly<Record<string, string | undefined>>,
  now: () => number,
): Terminal => {
  const isInteractive = stream.isTTY === true && environment.TERM !== 'dumb';
  const hasColour = isInteractive && !environment.NO_COLOR;
  let current: Progress | undefined;
  // Whoever read it went away (`| head`): the job goes on, unseen.
  stream.on('error', () => undefined);
  const write = (text: string): void => {
    stream.write(`${text}\n`);
  };
  return {
    line: (text = '') => (current === undefined ? write(text) : current.line(text)),
    style: (style, text) =>
      style === 'plain' || !hasColour ? text : styleText(formats[style], text, { validateStream: false }),
    startTask: (task) => {
      const started = isInteractive ? startBar(stream, task) : startLines(write, task, now);
      const progress: Progress = {
        line: started.line,
        update: started.update,
        finish: (text) => {
          started.finish(text);
          if (current === progress) current = undefined;
        },
      };
      current = progress;
      return progress;
    },
    get width() {
      return isInteractive ? stream.columns : undefined;
    },
  };
};
