/** A profiler of a VM: samples at even times until it is stopped. */
import { type Machine, MoontraceError, type Profile, Sampler } from '../../../api/profile-port.ts';
import { Ticker } from './ticker.ts';

/** Milliseconds. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export class Profiler {
  readonly #interval: number;
  readonly #ticker = new Ticker(() => this.#sampler?.tick());
  readonly #sampler: Sampler | undefined;

  /** Starts. @param interval between two samples in milliseconds @throws MoontraceError host-failure where Node has no inspector */
  constructor(machine: Machine, interval: number) {
    this.#interval = interval;
    if (!this.#ticker.start(interval)) throw new MoontraceError('host-failure', 'profiles need the inspector, which this Node has not got');
    // Its time begins now.
    this.#sampler = new Sampler(machine, cpuTime);
  }

  /** @returns what was seen */
  stop(): Profile {
    this.#ticker.stop();
    return { interval: this.#interval, ...(this.#sampler?.result ?? { frames: [], samples: [] }) };
  }
}
