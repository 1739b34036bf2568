/**
 * THE list of what the host's side keeps in the VM's own memory (VM_HOST), by place in that table, from 1. Whoever comes to a memory that holds a VM already finds
 * here all that the engine must know of it; no program reaches the table. A place that nothing was put into holds 0.
 */

/** Functions written in Lua that the host calls (src/stdlib/lua/host.lua). */
export const HOST_RESUME = 1;
export const HOST_CLOSE = 2;
export const HOST_GENERATE = 3;
/** Metatables of the userdata that stand for host objects, by kind. */
export const HOST_OBJECT_METATABLE = 4;
export const HOST_ERROR_METATABLE = 5;
export const HOST_GENERATOR_METATABLE = 6;
/** A table: builtins by the Lua closures that run in their place (src/core/lib/companion.ts). */
export const HOST_COMPANIONS = 7;
/** The standard files. */
export const HOST_STDIN = 8;
export const HOST_STDOUT = 9;
export const HOST_STDERR = 10;
/** Whether warnings are shown. */
export const HOST_WARNINGS = 11;
/** Tables: metatables of the instances of classes, and what stands for the classes in Lua, by name (src/api/classes.ts). */
export const HOST_CLASSES = 12;
/** Tickets (src/api/host-roots.ts): tables of values and of states, and three integers. */
export const HOST_TICKET_VALUES = 13;
export const HOST_TICKET_STATES = 14;
export const HOST_TICKET_FREE = 15;
export const HOST_TICKET_COUNT = 16;
export const HOST_TICKET_SLOTS = 17;
/** Builtins that leave frames of a kind: this + FRAME_KIND_*. */
export const HOST_FRAME_BUILTINS = 18;

/** In a VM that threads share: a table of what was saved of instances, by userdata, weakly (src/api/classes/travel.ts). */
export const HOST_INSTANCES = 38;
/** A table of the host functions that go by names (src/engine/shared/named.ts). */
export const HOST_NAMES = 39;
/** Metatable of the views of host objects (src/api/values/live.ts). */
export const HOST_LIVE_METATABLE = 40;

export const HOST_PLACES = 40;
