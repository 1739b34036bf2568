/** How long an instruction takes in the interpreter: a short program of ordinary instructions, whose number is counted by stepping through it. */
import { type Machine, type Profile, timeByState } from '../../../api/profile-port.ts';

/** Field accesses, calls, arithmetic, comparisons and array accesses, in `...` rounds. */
const PROGRAM = `
local Point = {} Point.__index = Point
function Point:move(by) self.x = self.x + by return self.x end
local point, list = setmetatable({ x = 0 }, Point), { 1, 2, 3, 4 }
for i = 1, ... do
  local n = point:move(i % 4)
  if n > 1000 then point.x = 0 elseif n == 7 then n = n // 2 end
  list[i % 4 + 1] = n + list[1] * 2
end`;

const ROUNDS = 20_000;
/** Rounds of the two runs that are stepped through. */
const FEW = 100;

/** A VM without a JIT that runs a program. */
export interface Laboratory {
  readonly machine: Machine;
  load(program: string): (rounds: number) => void;
}

/** @returns nanoseconds */
export function interpreterSpeed({ machine, load }: Laboratory): number {
  const run = load(PROGRAM);
  const measure = (): number => {
    const start = performance.now();
    run(ROUNDS);
    return performance.now() - start;
  };
  const counts = [FEW, 2 * FEW].map((rounds) => countSteps(machine, () => run(rounds)));
  const instructions = (((counts[1] as number) - (counts[0] as number)) / FEW) * ROUNDS;
  return (Math.min(measure(), measure(), measure()) * 1e6) / instructions;
}

/** Steps through what `run` runs, from its first back-edge or call on. */
function countSteps(machine: Machine, run: () => void): number {
  const { onLook, core, limits } = machine;
  let count = 0;
  machine.onLook = () => {
    const carryOn = onLook();
    for (let status = carryOn; ; count++) {
      status = core.step();
      if (status !== carryOn) return status;
    }
  };
  limits.cut();
  run();
  machine.onLook = onLook;
  return count;
}

/** How many instructions the interpreter has run, reckoned by its time. */
export const interpretedInstructions = (profile: Profile, nanosecondsPerInstruction: number): number =>
  (timeByState(profile).interpreted * 1e6) / nanosecondsPerInstruction;
