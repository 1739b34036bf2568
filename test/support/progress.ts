/** What a thread of tests tells the process that runs them: the test that begins, or none when its file is over. */
export interface Progress {
  readonly file: string;
  readonly test: string | undefined;
}

/** The name of the channel. */
export const CHANNEL = 'moontrace-tests';
