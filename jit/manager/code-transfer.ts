/** Takes down what the JIT of a VM has compiled and knows, and lets the JIT of another VM, over a copy of the memory, go on with that. */
import { functionsOf, type InstalledTrace, type TraceInstaller } from '../install/trace-installer.ts';
import type { FunctionCode } from './function-code.ts';
import type { KnownPrototypes } from './known-prototypes.ts';
import { type LiveTrace, type LiveTraces, newLiveTrace } from './live-traces.ts';
import type { LoopCode } from './loop-code.ts';
import type { Pins } from './pins.ts';
import type { Recordings } from './recordings.ts';
import { badCode, type CodeParts } from './saved-code.ts';

export interface TransferParts {
  readonly traces: LiveTraces;
  readonly pins: Pins;
  readonly installer: TraceInstaller;
  readonly functions: FunctionCode;
  readonly prototypes: KnownPrototypes;
  readonly recordings: Recordings;
  readonly loops: LoopCode;
  /** At recording sides, by exit. */
  readonly attempts: Map<string, number>;
}

const numbersOf = (traces: readonly LiveTrace[]): readonly number[] => traces.map(({ number }) => number);

export function takeDown({ traces, pins, functions, prototypes, recordings, attempts }: TransferParts): CodeParts {
  // Sides of functions have no code before they are part of the function.
  const [kept, unfinished] = split(traces.all(), ({ installed, isCompiled, trace, root }) => installed !== undefined || isCompiled || (root !== undefined && trace.functionProto !== 0));
  return {
    functions: functionsOf(kept.flatMap(({ installed }) => installed ?? [])),
    traces: kept.map(({ trace, place, length, isCompiled, loose, quiet, builds, penalty, root, group, embedded, pins: handles }) => ({
      trace, place, length, isCompiled, loose, quiet, builds, penalty, root: root?.number, group: numbersOf(group), embedded: numbersOf(embedded), pins: pins.objects(handles),
    })),
    lastNumber: recordings.lastForeign + recordings.count,
    unfinished: unfinished.flatMap(({ root, trace }) => (root === undefined && trace.functionProto === 0 ? [trace.startPc] : [])),
    attempts: [...attempts], knownClosures: prototypes.save(), knownFunctions: functions.save(),
  };
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): readonly [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/**
 * @returns the traces; undefined if the engine does not take the code, or there is no memory for it: nothing is pinned then
 * @throws MoontraceError bad-image
 */
export function adopt(parts: TransferParts, saved: CodeParts): readonly LiveTrace[] | undefined {
  const { pins, installer } = parts;
  const handles: (readonly number[])[] = [];
  let installed: ReadonlyMap<number, InstalledTrace>;
  try {
    for (const trace of saved.traces) handles.push(pins.adopt(trace.pins));
    installed = installer.adopt(saved.functions);
  } catch {
    for (const list of handles) pins.release(list);
    return undefined;
  }
  try {
    return goOn(parts, saved, handles, installed);
  } catch (error) {
    throw badCode(error);
  }
}

function goOn({ traces, functions, prototypes, recordings, loops, attempts }: TransferParts, saved: CodeParts, handles: readonly (readonly number[])[], installed: ReadonlyMap<number, InstalledTrace>): readonly LiveTrace[] {
  const adopted = saved.traces.map(({ trace, place, length, root, isCompiled, loose, quiet, builds, penalty }, n): LiveTrace => {
    const rootTrace = root === undefined ? undefined : traces.get(root);
    const side = trace.parent !== undefined && rootTrace !== undefined ? { parent: trace.parent, root: rootTrace } : undefined;
    const live = Object.assign(newLiveTrace(trace, place, length, handles[n]!, side), { isCompiled, loose, quiet, builds, penalty });
    traces.add(live);
    const code = installed.get(live.number);
    if (code !== undefined) traces.install(live, code);
    return live;
  });
  const named = (numbers: readonly number[]): LiveTrace[] => numbers.flatMap((number) => traces.get(number) ?? []);
  for (const [n, { group, embedded }] of saved.traces.entries()) Object.assign(adopted[n]!, { group: named(group), embedded: named(embedded) });
  for (const pc of saved.unfinished) loops.reset(pc);
  for (const [exit, count] of saved.attempts) attempts.set(exit, count);
  prototypes.adopt(saved.knownClosures);
  functions.adopt(saved.knownFunctions);
  recordings.lastForeign = saved.lastNumber;
  return adopted;
}
