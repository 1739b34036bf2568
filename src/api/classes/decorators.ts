/**
 * Decorators that say beside each member of a class what Lua sees of it, in place of the options of `vm.register` (TC39's decorators, as TypeScript has them since 5.0). They mark
 * functions, and `luaClass` looks which functions of the class are marked: so nothing is kept that is not the class's own.
 */
import { MoontraceError } from '../../engine/errors/errors.ts';
import { callHost } from '../boundary.ts';
import { isObject } from '../check-options.ts';
import { type ClassOptions, type HostClass, type InstanceFunction, propertyAccess } from './classes.ts';

/** How a function is seen: as a method, or by reading or assigning to a field; and as which metamethods. */
interface Marks {
  isMember: boolean;
  readonly events: Set<string>;
}

type Callable = (...args: never[]) => unknown;

const marked = new WeakMap<object, Marks>();
const decorated = new WeakMap<object, ClassOptions<object>>();

/** What the decorators of a class say; undefined if there are none. @internal */
export const decoratedOptions = (type: HostClass): ClassOptions<object> | undefined => decorated.get(type);

function marksOf(implementation: unknown): Marks {
  if (typeof implementation !== 'function') throw new MoontraceError('bad-argument', 'a decorator of members: a function expected');
  const marks = marked.get(implementation) ?? { isMember: false, events: new Set() };
  marked.set(implementation, marks);
  return marks;
}

interface MemberContext {
  readonly kind: string;
  readonly name: string | symbol;
  readonly private: boolean;
  readonly static: boolean;
}

/** @param isOfInstances whether the decorator is for those alone */
function checkMember(context: MemberContext, kinds: readonly string[], decorator: string, isOfInstances: boolean): void {
  if (!isObject(context)) throw new MoontraceError('bad-argument', `@${decorator}: a decorator's context expected; were the decorators compiled as TC39's?`);
  const { kind, name, private: isPrivate, static: isStatic } = callHost('bad-argument', `@${decorator}`, () => ({ ...(context as MemberContext) }));
  if (!kinds.includes(kind)) throw new MoontraceError('bad-argument', `@${decorator}: ${String(name)} is a ${kind}: ${kinds.join(', ')} expected`);
  if (isPrivate || typeof name === 'symbol') throw new MoontraceError('bad-argument', `@${decorator}: ${String(name)} has no name that Lua could use`);
  if (isOfInstances && isStatic) throw new MoontraceError('bad-argument', `@${decorator}: ${String(name)} is static`);
}

/** `@luaMethod`: Lua may call the method, or static method, by its name. @throws MoontraceError bad-argument */
export function luaMethod(method: Callable, context: ClassMethodDecoratorContext): void {
  checkMember(context, ['method'], 'luaMethod', false);
  marksOf(method).isMember = true;
}

/** `@luaMetamethod('__add')`: the method is what Lua does for that event. @throws MoontraceError bad-argument */
export function luaMetamethod(event: `__${string}`): (method: Callable, context: ClassMethodDecoratorContext) => void {
  if (typeof event !== 'string') throw new MoontraceError('bad-argument', '@luaMetamethod: the name of a metamethod expected');
  return (method, context) => {
    checkMember(context, ['method'], 'luaMetamethod', true);
    marksOf(method).events.add(event);
  };
}

/**
 * `@luaField` before a getter, a setter, or an `accessor`: Lua may read the field, assign to it, or both. Plain fields are no functions: `@luaClass({ fields: ['x'] })` lists them.
 * @throws MoontraceError bad-argument
 */
export function luaField<This, Value>(target: ClassAccessorDecoratorTarget<This, Value>, context: ClassAccessorDecoratorContext<This, Value>): ClassAccessorDecoratorResult<This, Value>;
export function luaField(accessor: Callable, context: ClassGetterDecoratorContext | ClassSetterDecoratorContext): void;
export function luaField(target: Callable | ClassAccessorDecoratorTarget<unknown, unknown>, context: ClassAccessorDecoratorContext | ClassGetterDecoratorContext | ClassSetterDecoratorContext): unknown {
  checkMember(context, ['getter', 'setter', 'accessor'], 'luaField', true);
  if (typeof target === 'function') {
    marksOf(target).isMember = true;
    return undefined;
  }
  if (!isObject(target)) throw new MoontraceError('bad-argument', '@luaField: an accessor expected');
  // Functions of their own, which the class then has.
  const { get, set } = callHost('bad-argument', '@luaField', () => ({ get: target.get, set: target.set }));
  if (typeof get !== 'function' || typeof set !== 'function') throw new MoontraceError('bad-argument', '@luaField: an accessor expected');
  const own = { get(this: unknown) { return get.call(this); }, set(this: unknown, value: unknown) { set.call(this, value); } };
  marksOf(own.get).isMember = true;
  marksOf(own.set).isMember = true;
  return own;
}

/** What a class says of itself as a whole; the rest its members say. */
export interface DecoratedClassOptions {
  readonly name?: string;
  readonly constructor?: ClassOptions<object>['constructor'];
  /** Fields that are no accessors. */
  readonly fields?: readonly string[];
}

/** `@luaClass(options)`: the class can be given to `vm.register` as it is. Members that are marked in the classes above it are its own, too. @throws MoontraceError bad-argument */
export function luaClass(options: DecoratedClassOptions = {}): (type: HostClass, context: ClassDecoratorContext) => void {
  if (!isObject(options)) throw new MoontraceError('bad-argument', '@luaClass: an object of options expected');
  return (type) => {
    if (typeof type !== 'function') throw new MoontraceError('bad-argument', '@luaClass: a class expected');
    callHost('bad-argument', '@luaClass', () => {
      const { fields = [], ...rest } = options;
      if (!Array.isArray(fields)) throw new MoontraceError('bad-argument', '@luaClass: fields: an array of names expected');
      const found = collect(type);
      decorated.set(type, { ...rest, ...found, fields: { ...Object.fromEntries(namesIn(fields).map((name) => [name, propertyAccess(name)])), ...found.fields } } as ClassOptions<object>);
    });
  };
}

/** What an array has, however long it says it is. */
function namesIn(fields: readonly unknown[]): string[] {
  return Object.values(fields).map((name) => {
    if (typeof name !== 'string') throw new MoontraceError('bad-argument', '@luaClass: fields: an array of names expected');
    return name;
  });
}

/** What is marked in a class, and in those above it. */
function collect(type: HostClass): Record<'methods' | 'statics' | 'fields' | 'metamethods', Record<string, unknown>> {
  const found = { methods: {}, statics: {}, fields: {}, metamethods: {} } as ReturnType<typeof collect>;
  for (let owner: unknown = type.prototype; typeof owner === 'object' && owner !== null && owner !== Object.prototype; owner = Object.getPrototypeOf(owner)) {
    for (const [name, { value, get, set }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
      const { isMember = false, events = [] } = (typeof value === 'function' ? marked.get(value as object) : undefined) ?? {};
      const implementation: InstanceFunction<object> = (self, ...args) => Reflect.apply(value as Callable, self, args) as never;
      if (isMember) found.methods[name] ??= implementation;
      for (const event of events) found.metamethods[event] ??= implementation;
      const access = {
        ...(get !== undefined && marked.has(get) && { get: (self: object) => Reflect.apply(get, self, []) as unknown }),
        ...(set !== undefined && marked.has(set) && { set: (self: object, assigned: unknown) => Reflect.apply(set, self, [assigned]) as unknown }),
      };
      if (Object.keys(access).length > 0) found.fields[name] ??= access;
    }
  }
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type))) {
    if (typeof value === 'function' && marked.get(value as object)?.isMember === true) found.statics[name] = (...args: unknown[]) => Reflect.apply(value as Callable, type, args) as unknown;
  }
  return found;
}
